"""The road with a real Tryton: a processed invoice becomes a bill, its payments come back to Procore."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from uuid import uuid4

import pytest
import pytest_asyncio
from pydantic import SecretStr

from drawbridge.contracts.invoices import InvoiceProcessed, InvoiceState, Overrides
from drawbridge.contracts.payments import RunJob, RunState
from drawbridge.contracts.topology import TOPOLOGY, OutsideConsumer
from drawbridge.ledgers import open_ledger
from drawbridge.messaging import OutsideMessage, consume, declare
from drawbridge.payment_backfiller.outside import LedgersFile
from tests.factories.ledgers.clerk import Part
from tests.factories.ledgers.tryton.books import running_office
from tests.factories.ledgers.tryton.clerk import TrytonClerk
from tests.factories.ledgers.tryton.desk import Desk
from tests.factories.ledgers.tryton.memory import Memory
from tests.factories.payments import World, invoice_state, requisitions, vault_state
from tests.factories.waiting import eventually

pytestmark = [pytest.mark.tryton, pytest.mark.timeout(900)]
SECRET = "DRAWBRIDGE_SECRET_TRYTON_URL"
OUTSIDE = OutsideConsumer("tryton", (InvoiceProcessed.TYPE,))


@pytest.fixture
def ledgers_file() -> LedgersFile:
    return LedgersFile({"office": {"tryton": f"env:{SECRET}"}})


@pytest_asyncio.fixture
async def clerk(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[TrytonClerk]:
    async with running_office() as (server, office, fresh):
        monkeypatch.setenv(SECRET, server.url)
        desk = Desk(server.url)
        desk.context["company"] = office.company
        clerk = TrytonClerk(desk, office, Memory(server, fresh), open_ledger({"tryton": f"env:{SECRET}"}))
        yield clerk
        await clerk.close()


def processed(state: InvoiceState) -> InvoiceProcessed:
    """What import-service tells the world when an AP invoice is handed over."""
    invoice = state.invoice
    assert invoice.content is not None
    assert invoice.source is not None
    return InvoiceProcessed(
        vault_id=state.vault_id,
        invoice_id=invoice.id,
        revision=invoice.revision,
        header=invoice.content.header,
        lines=(),
        overrides=Overrides(),
        source=invoice.source,
    )


@asynccontextmanager
async def bills_entered(clerk: TrytonClerk, url: str) -> AsyncIterator[dict[str, str]]:
    """Enter each processed invoice as a bill, as an outside consumer; gives bill ids by invoice number."""
    await declare(SecretStr(url), TOPOLOGY.with_outside([OUTSIDE]))
    bills: dict[str, str] = {}
    stop = asyncio.Event()

    async def enter(message: OutsideMessage) -> None:
        event = InvoiceProcessed.decode(message.body)
        assert isinstance(event, InvoiceProcessed)
        header = event.header
        assert header.invoice_number is not None
        bills[header.invoice_number] = await clerk.bill(header.invoice_number, str(header.net_due))

    entering = asyncio.create_task(consume(url, OUTSIDE.queue, enter, stop))
    try:
        yield bills
    finally:
        stop.set()
        await entering


async def retrieved(world: World) -> RunState:
    command = await world.tell(RunJob(vault_id="main", job="payment_retrieval", requested_by="Kim"))
    await eventually(lambda: world.closing(command), seconds=120)
    (closing,) = world.closing(command)
    assert isinstance(closing, RunState)
    assert closing.status == "done", closing
    return closing


def issued(world: World) -> list[tuple[Decimal, str]]:
    """The contract payments that stand in Procore."""
    rows = [row.public for row in world.written()]
    return sorted((Decimal(row["amount"]), row["check_number"] or "") for row in rows)


async def has_issued(world: World, *expected: tuple[str, str]) -> None:
    wanted = sorted((Decimal(amount), number) for amount, number in expected)
    await eventually(lambda: issued(world) == wanted, seconds=60)


async def test_bill_goes_to_tryton_and_its_payments_come_back(clerk: TrytonClerk, world: World) -> None:
    await world.tell(vault_state(world.procore.company_id, version=2, ledger="office"))
    first, second = requisitions(world.procore, 2)
    paid, part = uuid4(), uuid4()
    states = [
        invoice_state(paid, first, number="INV-1", net_due="1000.00"),
        invoice_state(part, second, number="INV-2", net_due="500.00"),
    ]
    async with bills_entered(clerk, world.url) as bills:
        for state in states:
            await world.knows(state)
            await world.tell(processed(state))
        await eventually(lambda: len(bills) == 2, seconds=120)

    # One check over two bills, one of them partly.
    await clerk.pay(1042, [Part(bills["INV-1"], "1000"), Part(bills["INV-2"], "200")])
    assert (await retrieved(world)).counts["matched"] == 2
    await has_issued(world, ("1000", "1042"), ("200", "1042"))

    # A payment by the wizard has no payment record.
    await clerk.pay_by_wizard(bills["INV-2"], "100", "2040")
    await retrieved(world)
    await has_issued(world, ("1000", "1042"), ("200", "1042"), ("100", "2040"))

    # The check is stopped and written anew for the first bill.
    checks = await clerk.desk.search("account.payment", ("reference", "=", "1042"))
    await clerk.desk.call("account.payment.fail", checks)
    await retrieved(world)
    await has_issued(world, ("100", "2040"))
    await clerk.pay(1043, [Part(bills["INV-1"], "1000")])
    await retrieved(world)
    await has_issued(world, ("1000", "1043"), ("100", "2040"))

    # A credit memo closes the rest of the second bill without cash.
    await clerk.settle(Part(bills["INV-2"], credit="400"))
    await retrieved(world)

    def payment_states() -> list[str]:
        found = [world.invoice_payments(each) for each in (paid, part)]
        return [each.payment_state for each in found if each is not None]

    await eventually(lambda: payment_states() == ["paid", "paid"], seconds=60)
    assert issued(world) == [(Decimal(100), "2040"), (Decimal(1000), "1043")]
