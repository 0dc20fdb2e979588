"""A message that kills its reader each time goes to the parked ones, and takes no neighbour along."""

import asyncio
from collections.abc import Sequence

from pydantic import SecretStr
from sqlalchemy import text

from drawbridge.contracts.topology import PARKED_QUEUE
from drawbridge.messaging import Broker, Intake, Received, publish
from drawbridge.persistence import Database, Transaction
from tests.factories.core import EVENTS, QUEUE, Noted, count
from tests.factories.wire import take_messages, take_the_rest

NEIGHBOURS = 40
MOST_DEATHS = 20


class Mortal:
    """Notes everything down, but dies (is cut off in the midst of it) of the note ``killer``."""

    def __init__(self) -> None:
        self.dying = asyncio.Event()

    async def __call__(self, tx: Transaction, batch: Sequence[Received]) -> None:
        for each in batch:
            assert isinstance(each.message, Noted)
            if each.message.text == "killer":
                self.dying.set()
                await asyncio.sleep(60)
            values = {"key": each.key, "note": each.message.text}
            await tx.session.execute(text("INSERT INTO effects VALUES (:key, :note)"), values)


async def test_neighbours_of_a_killer_are_done_and_it_alone_is_parked(
    database: Database, amqp: SecretStr
) -> None:
    for number in range(NEIGHBOURS):
        await _publish(amqp, "killer" if number == NEIGHBOURS // 2 else str(number))
    deaths = 0
    while await _dies(database, amqp):
        deaths += 1
        assert deaths < MOST_DEATHS
    [dead] = await take_messages(amqp, PARKED_QUEUE, 1)
    assert dead.body == Noted(text="killer").encode()
    assert await take_the_rest(amqp, PARKED_QUEUE) == []
    assert await count(database, "effects") == NEIGHBOURS - 1
    print(f"neighbours={NEIGHBOURS - 1} done={NEIGHBOURS - 1} parked=1 deaths={deaths}")


async def _dies(database: Database, amqp: SecretStr) -> bool:
    """Start a reader; True when it met the killer, False when all neighbours are done and it lives."""
    broker, mortal = Broker(amqp, name="mortal"), Mortal()
    reading = asyncio.create_task(Intake(broker, database, QUEUE, mortal).run(asyncio.Event()))
    try:
        async with asyncio.timeout(60):
            while not mortal.dying.is_set() and not await _all_is_over(database, broker):  # noqa: ASYNC110  # a queue announces nothing
                await asyncio.sleep(0.02)
    finally:
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
        await broker.close()
    return mortal.dying.is_set()


async def _all_is_over(database: Database, broker: Broker) -> bool:
    if await count(database, "effects") < NEIGHBOURS - 1:
        return False
    async with broker.consuming() as channel:
        parked = await channel.declare_queue(PARKED_QUEUE, passive=True)
    return bool(parked.declaration_result.message_count)


async def _publish(amqp: SecretStr, note: str) -> None:
    body = Noted(text=note).encode()
    await publish(amqp.get_secret_value(), EVENTS, Noted.TYPE, body, type=Noted.TYPE)
