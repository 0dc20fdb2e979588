"""The clerk takes processed invoices from a real RabbitMQ into a real PostgreSQL."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from pydantic import SecretStr

from drawbridge.contracts.topology import TOPOLOGY, OutsideConsumer
from drawbridge.messaging.declare import declare
from drawbridge.messaging.outside import publish
from drawbridge.sandbox.ledger import Books, list_bills
from drawbridge.sandbox.ledger.events import PROCESSED
from drawbridge.sandbox.ledger.intake import take_in

CLERK = OutsideConsumer("clerk", (PROCESSED,))


@asynccontextmanager
async def clerk_at_work(books: Books, amqp_url: str) -> AsyncIterator[None]:
    stop = asyncio.Event()
    inbox = asyncio.create_task(take_in(books, amqp_url, CLERK.queue, stop))
    yield
    stop.set()
    await inbox


def event(invoice: str, revision: int) -> bytes:
    vendor = {"id": 1, "name": "Bluestone", "ledger_code": "V-1001"}
    header = {"vendor": vendor, "net_due": "1000.00", "currency": "USD", "application_number": 4}
    body = {"vault_id": "main", "invoice_id": invoice, "revision": revision, "header": header, "lines": []}
    return json.dumps(body).encode()


async def send(amqp_url: str, body: bytes, message_type: str = PROCESSED) -> None:
    await publish(amqp_url, "drawbridge.events", PROCESSED, body, type=message_type)


async def bills_of(books: Books, count: int) -> list[dict[str, Any]]:
    async with asyncio.timeout(30):
        while len(bills := await list_bills(books)) < count:  # noqa: ASYNC110 - the ledger sends no events
            await asyncio.sleep(0.05)
    return bills


async def test_each_processed_invoice_becomes_one_bill(postgres_database: str, amqp_vhost: str) -> None:
    await declare(SecretStr(amqp_vhost), TOPOLOGY.with_outside([CLERK]))
    async with Books.open(postgres_database) as books, clerk_at_work(books, amqp_vhost):
        for body in (event("one", 1), event("one", 1), b"{", event("two", 1), event("one", 2)):
            await send(amqp_vhost, body)
        await send(amqp_vhost, b"{}", "drawbridge.invoice.reopened.v1")
        await send(amqp_vhost, event("three", 1))
        bills = await bills_of(books, 3)
    assert [bill["invoice_id"] for bill in bills] == ["one", "two", "three"]
    assert [bill["revision"] for bill in bills] == [2, 1, 1]
    assert {bill["invoice_number"] for bill in bills} == {"APP-4"}


async def test_clerk_comes_back_until_the_queue_is_there(postgres_database: str, amqp_vhost: str) -> None:
    async with Books.open(postgres_database) as books, clerk_at_work(books, amqp_vhost):
        await asyncio.sleep(0.3)
        await declare(SecretStr(amqp_vhost), TOPOLOGY.with_outside([CLERK]))
        await send(amqp_vhost, event("one", 1))
        assert len(await bills_of(books, 1)) == 1
