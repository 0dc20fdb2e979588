"""``python -m drawbridge.testkit.chaos``: let faults rain on a whole installation and count what is lost."""

import asyncio
import logging
import os
import random
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from drawbridge.testkit.chaos.calm import MESSAGES
from drawbridge.testkit.chaos.faults import FAMILIES
from drawbridge.testkit.chaos.plan import chosen
from drawbridge.testkit.chaos.run import OVERRIDES, Report, Wish, run_chaos
from drawbridge.testkit.chaos.summary import seeds_of, sum_up
from drawbridge.testkit.servers import servers
from drawbridge.testkit.stack import Stack

app = typer.Typer(add_completion=False, rich_markup_mode="rich", pretty_exceptions_enable=False)


@app.command()
def chaos(
    *,
    seed: Annotated[int | None, typer.Option(help="Repeats a run's plan; a random one if absent.")] = None,
    seeds: Annotated[
        str, typer.Option(help="Several runs, one after the other: 1-20, or 3,5,8-9. Sums them up.")
    ] = "",
    seconds: Annotated[float, typer.Option(min=0, help="How long faults rain in each run.")] = 120,
    faults: Annotated[
        str,
        typer.Option(
            help=f"Families ({', '.join(FAMILIES)}) or names of faults, with commas between; all if empty."
        ),
    ] = "",
    rate: Annotated[float, typer.Option(min=0.1, max=50, help="Actions of the workload a second.")] = 8,
    calm: Annotated[bool, typer.Option(help="First measure in peace (R4, R7, R8).")] = True,
    folder: Annotated[Path | None, typer.Option(help="Where logs go; a new folder if absent.")] = None,
) -> None:
    """Start everything behind proxies, work on it, break it, and check the promises R1 to R10.

    Exit code 1 where a promise is broken. The same seed repeats the same plan of faults and the same choices
    of the workload; the processes' timing stays their own.
    """
    try:
        names = chosen([word.strip() for word in faults.split(",") if word.strip()])
        planned = seeds_of(seeds) if seeds else [random.SystemRandom().randrange(10**6)]
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    planned = [seed] if seed is not None else planned
    folder = folder or Path(tempfile.mkdtemp(prefix="drawbridge-chaos-"))
    logging.getLogger("aiormq").setLevel(logging.CRITICAL)  # lost connections are the point
    messages = MESSAGES if calm else 0
    reports = {each: _run(Wish(each, seconds, names, rate, messages), folder / f"{each}") for each in planned}
    if len(reports) > 1:
        _tell(f"all {len(reports)} seeds:")
        for promise in sum_up([report.promises for report in reports.values()]):
            _tell(str(promise))
    broken = [str(each) for each, report in reports.items() if report.broken]
    _tell(
        f"chaos: seeds={len(reports)} kept={len(reports) - len(broken)} broken={','.join(broken) or 'none'}"
    )
    raise typer.Exit(1 if broken else 0)


def _run(wish: Wish, folder: Path) -> Report:
    """One run with servers of its own, and all that it has to say."""
    folder.mkdir(parents=True, exist_ok=True)
    _tell(f"seed={wish.seed} seconds={wish.seconds:.0f} logs={folder}")
    report = asyncio.run(_rain(wish, folder))
    for note in report.notes:
        _tell(note)
    for promise in report.promises:
        _tell(str(promise))
    for words in report.broken:
        _tell(f"BROKEN {words}")
    _tell(f"chaos: seed={wish.seed} {'broken' if report.broken else 'kept'}")
    return report


async def _rain(wish: Wish, folder: Path) -> Report:
    async with servers(management=True) as both:
        _tell(f"{both.origin}; load {os.getloadavg()[0]:.1f}")
        async with Stack(both, folder, overrides=OVERRIDES, proxied=True) as stack:
            return await run_chaos(stack, both, wish, _tell)


def _tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
