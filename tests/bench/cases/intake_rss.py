"""``intake_rss``: memory of the whole worker process while it drains a long queue."""

import asyncio

from drawbridge.testkit.servers import Servers
from tests.bench.cases import doorstep
from tests.bench.figures import AtMost
from tests.bench.worker import cloud_worker, peak_mib, taken

COUNT = 200_000
GOAL_MIB = 120
_LOOK_SECONDS = 1.0
_PATIENCE_SECONDS = 900.0


async def bench_intake_rss(servers: Servers, _rounds: int) -> list[AtMost]:
    """One run; relay and intakes work at the same time, as in production."""
    template = await doorstep.template(servers)
    async with template.place() as place:
        await doorstep.fill(place.amqp_url, COUNT)
        async with cloud_worker(place) as process, asyncio.timeout(_PATIENCE_SECONDS):
            while await taken(process) < COUNT:  # noqa: ASYNC110  # seen from outside
                await asyncio.sleep(_LOOK_SECONDS)
            peak = peak_mib(process)
    return [AtMost("intake_rss", peak, GOAL_MIB, "MiB", f"peak of one process over {COUNT} messages")]
