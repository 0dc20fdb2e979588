"""``python -m drawbridge.testkit.chaos``: let faults rain on a whole installation and count what is lost."""

import asyncio
import logging
import random
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from drawbridge.testkit.chaos.faults import FAMILIES
from drawbridge.testkit.chaos.plan import chosen
from drawbridge.testkit.chaos.run import OVERRIDES, Report, Wish, run_chaos
from drawbridge.testkit.servers import servers
from drawbridge.testkit.stack import Stack

app = typer.Typer(add_completion=False, rich_markup_mode="rich", pretty_exceptions_enable=False)


@app.command()
def chaos(
    *,
    seed: Annotated[int | None, typer.Option(help="Repeats a run's plan; a random one if absent.")] = None,
    seconds: Annotated[float, typer.Option(min=0, help="How long faults rain.")] = 120,
    faults: Annotated[
        str,
        typer.Option(
            help=f"Families ({', '.join(FAMILIES)}) or names of faults, with commas between; all if empty."
        ),
    ] = "",
    rate: Annotated[float, typer.Option(min=0.1, max=50, help="Actions of the workload a second.")] = 8,
    calm: Annotated[bool, typer.Option(help="First measure latencies in peace (R4, R7).")] = True,
    folder: Annotated[Path | None, typer.Option(help="Where logs go; a new folder if absent.")] = None,
) -> None:
    """Start everything behind proxies, work on it, break it, and check the promises R1 to R10.

    Exit code 1 where a promise is broken. The same seed repeats the same plan of faults and the same choices
    of the workload; the processes' timing stays their own.
    """
    seed = random.SystemRandom().randrange(10**6) if seed is None else seed
    try:
        names = chosen([word.strip() for word in faults.split(",") if word.strip()])
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    folder = folder or Path(tempfile.mkdtemp(prefix="drawbridge-chaos-"))
    logging.getLogger("aiormq").setLevel(logging.CRITICAL)  # lost connections are the point
    _tell(f"seed={seed} seconds={seconds:.0f} logs={folder}")
    report = asyncio.run(_run(Wish(seed, seconds, names, rate, calm), folder))
    for note in report.notes:
        _tell(note)
    for promise in report.promises:
        _tell(str(promise))
    for words in report.broken:
        _tell(f"BROKEN {words}")
    _tell(f"chaos: seed={seed} {'broken' if report.broken else 'kept'}")
    raise typer.Exit(1 if report.broken else 0)


async def _run(wish: Wish, folder: Path) -> Report:
    async with servers(management=True) as both:
        _tell(both.origin)
        async with Stack(both, folder, overrides=OVERRIDES, proxied=True) as stack:
            return await run_chaos(stack, both, wish, _tell)


def _tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
