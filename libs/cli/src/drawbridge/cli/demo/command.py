"""`drawbridge demo`, `up`, `down` and `env`."""

import asyncio
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from drawbridge.cli.demo.background import StackUnavailableError, begin, end, running_stack
from drawbridge.cli.demo.chapters import CHAPTERS
from drawbridge.cli.demo.chapters.set_up_vaults import set_up_vaults
from drawbridge.cli.demo.count import Figures, count
from drawbridge.cli.demo.doors import StoryError
from drawbridge.cli.demo.story import Chapter, Story
from drawbridge.cli.demo.teller import Teller
from drawbridge.testkit.processes import ServiceError
from drawbridge.testkit.servers import ServerError, servers
from drawbridge.testkit.stack import Stack, StackInfo
from drawbridge.testkit.stack.doors import DoorError

FOLDER = Path(".run").absolute()

console = Console()


def demo(
    *,
    keep: Annotated[
        bool, typer.Option("--keep", help="Leave everything running, to try it by hand.")
    ] = False,
) -> None:
    """Tell the whole story on real servers, with made-up data.

    Starts RabbitMQ, PostgreSQL, a Procore double, a sample ledger and all services; imports, reprocesses,
    pays and voids; then counts on all sides that nothing was lost and nothing happened twice.
    """
    started = time.monotonic()
    teller = Teller(console)
    try:
        figures = asyncio.run(_kept(teller) if keep else _once(teller))
    except (StoryError, DoorError, ServiceError, ServerError, StackUnavailableError) as error:
        console.print(f"[red]The demo failed.[/red] {error}", highlight=False)
        console.print(f"Logs are in {FOLDER}/.")
        raise typer.Exit(1) from None
    for finding in [*figures.lost, *figures.duplicates]:
        console.print(f"[red]✗[/red] {finding}")
    teller.note(f"Told in {time.monotonic() - started:.0f} seconds.")
    sys.stdout.write(f"{figures}\n")
    raise typer.Exit(1 if figures.lost or figures.duplicates else 0)


def up() -> None:
    """Start Drawbridge with its sandbox on this machine and leave it running, with three vaults to try."""
    teller = Teller(console)
    try:
        info = running_stack(FOLDER) or _begun(teller)
    except (StoryError, DoorError, StackUnavailableError) as error:
        console.print(f"[red]{error}[/red]")
        raise typer.Exit(1) from None
    show_addresses(teller, info)


def _begun(teller: Teller) -> StackInfo:
    info = begin(FOLDER, teller.note)
    asyncio.run(tell(info, teller, [set_up_vaults]))
    return info


def down() -> None:
    """Stop what `drawbridge up` or `drawbridge demo --keep` left running."""
    try:
        console.print("Stopped." if end(FOLDER) else "Nothing was running.")
    except StackUnavailableError as error:
        console.print(f"[red]{error}[/red]")
        raise typer.Exit(1) from None


def env() -> None:
    """Print shell variables of the running stack: eval "$(drawbridge env)"."""
    info = running_stack(FOLDER)
    if info is None:
        console.print("Nothing is running; start it with `make up`.", style="red")
        raise typer.Exit(1)
    sys.stdout.write(f"export API={info.api_url} KEY={info.api_key} AMQP={info.amqp_url}\n")


async def _once(teller: Teller) -> Figures:
    teller.chapter("Servers and services")
    with teller.waiting("Starting servers"):
        async with servers(management=True) as started:
            teller.say(started.origin)
            async with Stack(started, FOLDER, progress=teller.note) as stack:
                show_addresses(teller, stack.info)
                return await tell(stack.info, teller)


async def _kept(teller: Teller) -> Figures:
    teller.chapter("Servers and services")
    if running_stack(FOLDER) is not None:
        raise StoryError("A stack is already running. End it with `make down`, then repeat.")
    info = await asyncio.to_thread(begin, FOLDER, teller.note)
    show_addresses(teller, info)
    return await tell(info, teller)


async def tell(info: StackInfo, teller: Teller, chapters: Sequence[Chapter] = CHAPTERS) -> Figures:
    """Tell chapters against a running stack and count at the end."""
    async with Story.begin(info, teller) as story:
        for chapter in chapters:
            await chapter(story)
        teller.chapter("Counted on all sides")
        with teller.waiting("Comparing Drawbridge, Procore and the ledger"):
            return await count(story)


def show_addresses(teller: Teller, info: StackInfo) -> None:
    """Show where to look."""
    rows = [
        ["API and its pages", f"{info.api_url}/docs"],
        ["API key", info.api_key],
        ["Procore double", f"{info.procore_url}/docs"],
        ["Clerk of the ledger", f"{info.clerk_url}/docs"],
        ["RabbitMQ", info.management_url or info.amqp_url],
        ["Logs", info.folder],
    ]
    teller.table("Where to look", ("What", "Where"), rows)
