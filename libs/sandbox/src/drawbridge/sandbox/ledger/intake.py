"""The clerk's inbox: processed invoices from Drawbridge's public events. The only file that knows AMQP."""

import asyncio
import contextlib
import logging

from pydantic import ValidationError

from drawbridge.messaging.outside import OutsideMessage, consume
from drawbridge.sandbox.ledger.bills import post_bill
from drawbridge.sandbox.ledger.books import Books
from drawbridge.sandbox.ledger.events import PROCESSED, InvoiceProcessed

PAUSE_SECONDS = 1.0
"""How long the clerk waits after trouble before going back to the inbox."""

log = logging.getLogger(__name__)


async def handle(books: Books, message: OutsideMessage) -> None:
    """Post the bill of a processed invoice. Other types and unreadable bodies are put aside with a note."""
    if message.type != PROCESSED:
        log.warning("Message %s put aside: its type is %s, not %s.", message.id, message.type, PROCESSED)
        return
    try:
        event = InvoiceProcessed.model_validate_json(message.body)
    except ValidationError as error:
        log.warning("Message %s put aside, it cannot be read: %s", message.id, error)
        return
    await post_bill(books, event)


async def take_in(books: Books, amqp_url: str, queue: str, stop: asyncio.Event) -> None:
    """Work off the queue until ``stop`` is set, and come back after every trouble.

    A message is acknowledged after its bill is committed; posting is idempotent, so a repeat is harmless.
    """

    async def one(message: OutsideMessage) -> None:
        await handle(books, message)

    while not stop.is_set():
        try:
            await consume(amqp_url, queue, one, stop)
        except Exception as error:  # noqa: BLE001 - broker and database fail in many ways; all may pass
            log.warning("The inbox %s is not served (%s); trying again.", queue, type(error).__name__)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), PAUSE_SECONDS)
