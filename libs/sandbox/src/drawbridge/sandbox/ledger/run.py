"""Run the clerk: counter and inbox side by side, until SIGTERM or Ctrl-C."""

import asyncio
import logging
from dataclasses import dataclass

from drawbridge.sandbox.ledger.books import Books
from drawbridge.sandbox.ledger.clerk import create_clerk
from drawbridge.sandbox.ledger.intake import take_in
from drawbridge.sandbox.serving import serve


@dataclass(frozen=True)
class ClerkPlace:
    """Where the clerk works: URLs, queue, and the address of the counter."""

    ledger_url: str
    amqp_url: str
    queue: str
    host: str
    port: int
    time_zone: str


async def run_clerk(place: ClerkPlace) -> None:
    """Keep the books until asked to stop; the message in hand is finished first."""
    logging.basicConfig(level=logging.WARNING)
    stop = asyncio.Event()
    async with Books.open(place.ledger_url, place.time_zone) as books:
        inbox = asyncio.create_task(take_in(books, place.amqp_url, place.queue, stop), name="clerk-inbox")
        await serve(create_clerk(books), place.host, place.port)
        stop.set()
        await inbox
