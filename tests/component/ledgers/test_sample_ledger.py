"""The Sage 100 Contractor preset reads the sample ledger that comes with Drawbridge."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

import pytest
import pytest_asyncio

from drawbridge.ledgers import BillKey, LedgerSource, PaymentFacts, open_ledger
from drawbridge.sandbox.ledger import Books, post_bill, void_check, write_check
from drawbridge.sandbox.ledger.checks import Check, Pay
from drawbridge.sandbox.ledger.events import InvoiceProcessed

URL = "DRAWBRIDGE_SECRET_SAMPLE_URL"


def processed(number: str, net_due: str) -> InvoiceProcessed:
    return InvoiceProcessed.model_validate(
        {
            "vault_id": "v",
            "invoice_id": number,
            "revision": 1,
            "header": {
                "vendor": {"name": "Acme Steel", "ledger_code": "V-1007"},
                "invoice_number": number,
                "net_due": net_due,
            },
        }
    )


@pytest_asyncio.fixture
async def clerk(postgres_database: str) -> AsyncIterator[Books]:
    async with Books.open(postgres_database) as books:
        yield books


@pytest_asyncio.fixture
async def sample(
    postgres_database: str, clerk: Books, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[LedgerSource]:
    monkeypatch.setenv(URL, postgres_database)
    ledger = open_ledger({"preset": "sage100", "url": f"env:{URL}", "time_zone": str(clerk.zone)})
    await ledger.check()
    yield ledger
    await ledger.close()


async def payments(ledger: LedgerSource) -> list[PaymentFacts]:
    batches = [batch async for batch in ledger.payments_changed_since(None, timedelta(0))]
    return [facts for batch in batches for facts in batch.facts]


async def test_check_over_two_bills_is_read_as_it_was_written(sample: LedgerSource, clerk: Books) -> None:
    first, second = [
        await post_bill(clerk, processed(number, due)) for number, due in (("A-1", "100"), ("A-2", "80"))
    ]
    before = clerk.now() - timedelta(seconds=5)
    pays = [
        Pay(bill_id=first, discount=Decimal(2)),
        Pay(bill_id=second, amount=Decimal(30)),
    ]
    await write_check(clerk, Check(check_number="555", date=date(2026, 3, 1), pays=pays))
    (facts,) = await payments(sample)
    assert (facts.payment.number, facts.payment.method, facts.payment.posted) == ("555", "check", True)
    assert facts.payment.changed_at is not None
    assert before <= facts.payment.changed_at <= clerk.now()
    assert {entry.bill_id: (entry.cash, entry.discount) for entry in facts.allocations} == {
        str(first): (Decimal(98), Decimal(2)),
        str(second): (Decimal(30), Decimal(0)),
    }
    (bill,) = await sample.bills([BillKey("V-1007", "A-2")])
    assert (bill.id, bill.total, bill.paid, bill.balance) == (
        str(second),
        Decimal(80),
        Decimal(30),
        Decimal(50),
    )


@pytest.mark.parametrize(("shape", "states"), [("reversal", ["voided"]), ("delete", [])])
async def test_void_is_read_in_both_shapes(
    sample: LedgerSource, clerk: Books, shape: Literal["delete", "reversal"], states: list[str]
) -> None:
    bill = await post_bill(clerk, processed("A-1", "100"))
    await write_check(clerk, Check(check_number="555", date=date(2026, 3, 1), pays=[Pay(bill_id=bill)]))
    await void_check(clerk, "555", shape)
    found = await sample.allocations_for([str(bill)])
    assert [facts.payment.state for facts in found] == states
    assert sum(entry.cash for facts in found for entry in facts.allocations) == 0
