"""``intake``: the public door's requests, from the queue to committed rows, as cloud-service takes them."""

from collections.abc import Awaitable, Callable

from drawbridge.cloud_service.entrypoints.intake import Handlers
from drawbridge.cloud_service.entrypoints.reprocess_door import decode_request
from drawbridge.contracts.topology import REPROCESS_QUEUE
from drawbridge.messaging import Broker, Intake
from drawbridge.runtime.metrics import INTAKE_MESSAGES
from drawbridge.testkit.servers import Servers
from tests.bench.cases import doorstep
from tests.bench.cases.intake_bare import bare_rate
from tests.bench.cases.intake_naive import naive_rate
from tests.bench.counters import total
from tests.bench.figures import Figures
from tests.bench.place import Place
from tests.bench.rounds import Round, take_turns
from tests.bench.running import seconds_until

COUNT = 20_000
_NAIVE_COUNT = 2_000
GOAL = 0.6
GOAL_TO_NAIVE = 5.0

type Rate = Callable[[Place, int], Awaitable[float]]


async def bench_intake(servers: Servers, rounds: int) -> list[Figures]:
    """Ours against the bare batched loop, and against one transaction for each message."""
    template = await doorstep.template(servers)

    def side(rate: Rate, count: int) -> Round:
        async def measure() -> float:
            async with template.place() as place:
                await doorstep.fill(place.amqp_url, count)
                return await rate(place, count)

        return measure

    sides = {"ours": side(our_rate, COUNT), "bare": side(bare_rate, COUNT)}
    figures = await take_turns(rounds, sides | {"naive": side(naive_rate, _NAIVE_COUNT)})
    return [
        Figures("intake", figures["ours"], figures["bare"], GOAL, reference="intake"),
        Figures("intake_naive", figures["ours"], figures["naive"], GOAL_TO_NAIVE, reference="naive"),
    ]


async def our_rate(place: Place, count: int) -> float:
    """Drain the public queue; messages per second."""
    database = doorstep.open_database(place)
    broker = Broker(place.amqp_url, name="bench")
    handlers = Handlers(database)
    intake = Intake(broker, database, REPROCESS_QUEUE, handlers.requests, decode=decode_request)
    before = total(INTAKE_MESSAGES, queue=REPROCESS_QUEUE)

    def drained() -> bool:
        return total(INTAKE_MESSAGES, queue=REPROCESS_QUEUE) - before >= count

    try:
        return count / await seconds_until(drained, intake)
    finally:
        await broker.close()
        await database.dispose()
