"""R3 no zombies, no ghosts: every committed message arrived, and every message that arrived was committed."""

import re

from drawbridge.contracts.message import COMMANDS, EVENTS
from drawbridge.contracts.topology import Binding, Queue
from drawbridge.testkit.chaos.checker.promise import Promise
from drawbridge.testkit.chaos.checker.schemas import Schemas, inner_queues


async def check_messages(schemas: Schemas) -> Promise:
    """R3: a zombie is a row whose event was never sent or taken, a ghost an event without its row.

    What was taken is read first: a message that is sent in between is then no ghost.
    """
    taken = await schemas.taken()
    sent = await schemas.sent()
    taken_later = await schemas.taken()
    committed = {identity for identity, _, _ in sent}
    zombies = [f"never sent: {what}" for what in await schemas.unsent()]
    ghosts: list[str] = []
    for queue in inner_queues():
        routed = {identity for identity, exchange, key in sent if _takes(queue, exchange, key)}
        zombies += [f"never taken by {queue.name}: {each}" for each in routed - taken_later[queue.name]]
        ghosts += [f"{queue.name} took {each}" for each in taken[queue.name] - committed]
    figures: dict[str, object] = {"messages": len(sent), "zombies": len(zombies), "ghosts": len(ghosts)}
    return Promise("R3", figures, zombies + ghosts)


def _takes(queue: Queue, exchange: str, key: str) -> bool:
    return any(_matches(binding, key) for binding in queue.bindings if binding.exchange == exchange)


def _matches(binding: Binding, key: str) -> bool:
    """As a direct exchange (commands) and a topic exchange (events) decide."""
    if binding.exchange == COMMANDS:
        return binding.key == key
    pattern = re.escape(binding.key).replace(r"\.\#", r"(\..*)?").replace(r"\#", ".*")
    return binding.exchange == EVENTS and re.fullmatch(pattern, key) is not None
