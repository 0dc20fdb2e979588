"""``make bench``: how fast the core is, each figure beside what a bare loop does at the same time."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated

import typer
import uvloop

from drawbridge.runtime import configure_logs, spare_collector
from drawbridge.testkit.servers import Servers, servers
from tests.bench.cases.grid import bench_grid, bench_grid_growth
from tests.bench.cases.idle_calls import bench_idle_calls
from tests.bench.cases.import_budget import bench_import_budget
from tests.bench.cases.import_calls import bench_import_calls
from tests.bench.cases.intake import bench_intake
from tests.bench.cases.intake_rss import bench_intake_rss
from tests.bench.cases.light_effect import bench_light_effect
from tests.bench.cases.light_grid import bench_light_grid
from tests.bench.cases.matching import bench_matching
from tests.bench.cases.projection import bench_projection
from tests.bench.cases.relay import bench_relay
from tests.bench.cases.sse import bench_sse
from tests.bench.figures import Result

type Bench = Callable[[Servers, int], Awaitable[Sequence[Result]]]

BENCHES: dict[str, Bench] = {
    "intake": bench_intake,
    "relay": bench_relay,
    "projection": bench_projection,
    "intake_rss": bench_intake_rss,
    "grid": bench_grid,
    "grid_growth": bench_grid_growth,
    "sse": bench_sse,
    "light_effect": bench_light_effect,
    "light_grid": bench_light_grid,
    "import_calls": bench_import_calls,
    "import_budget": bench_import_budget,
    "idle_calls": bench_idle_calls,
    "matching": bench_matching,
}


def main(
    names: Annotated[list[str] | None, typer.Argument(help=f"Some of: {', '.join(BENCHES)}.")] = None,
    rounds: Annotated[int, typer.Option(help="Rounds of each side; medians count.")] = 5,
) -> None:
    """Measure on durable servers of this machine and print one line for each benchmark."""
    configure_logs("bench", "WARNING", "console")
    unknown = set(names or ()) - set(BENCHES)
    if unknown:
        raise typer.BadParameter(f"There is no benchmark {', '.join(sorted(unknown))}.")
    spare_collector()  # as every process of ours does; the bare loops get it, too
    asyncio.run(_measure(names or list(BENCHES), rounds), loop_factory=uvloop.new_event_loop)


async def _measure(names: list[str], rounds: int) -> None:
    async with servers(durable=True, management=True) as both:
        typer.echo(f"      servers: {both.origin}; load {os.getloadavg()[0]:.1f}")
        for name in names:
            for result in await BENCHES[name](both, rounds):
                for line in result.lines():
                    typer.echo(line)


if __name__ == "__main__":
    typer.run(main)
