"""What every ledger tells of bills."""

from decimal import Decimal

from drawbridge.ledgers import BillKey
from tests.factories.ledgers.clerk import VENDOR, Clerk


async def test_bill_is_told_with_its_total_and_what_is_held(clerk: Clerk) -> None:
    bill_id = await clerk.bill("A-1", "100.10", retainage="10.01")
    (bill,) = await clerk.ledger.bills([BillKey(bill_id=bill_id)])
    assert (bill.id, bill.vendor_code, bill.invoice_number) == (bill_id, VENDOR, "A-1")
    held = Decimal("10.01") if clerk.ledger.capabilities.retainage else 0
    assert (bill.total, bill.retainage) == (Decimal("100.10"), held)
    assert (bill.voided, bill.currency) == (False, "USD")


async def test_bills_are_found_by_id_or_by_vendor_and_number(clerk: Clerk) -> None:
    first, second, third = [await clerk.bill(number, "1") for number in ("A-1", "A-2", "A-3")]
    keys = [BillKey(bill_id=first), BillKey(VENDOR, "A-2"), BillKey(VENDOR, "A-1"), BillKey("V-9", "A-3")]
    found = [bill.id for bill in await clerk.ledger.bills(keys)]
    assert sorted(found) == sorted([first, second])
    assert await clerk.ledger.bills([BillKey(None, "A-3"), BillKey(VENDOR), BillKey()]) == []
    assert third not in found


async def test_bills_of_vendors_are_all_of_theirs_once(clerk: Clerk) -> None:
    ids = [await clerk.bill(number, "1") for number in ("A-1", "A-2")]
    found = await clerk.ledger.bills_of_vendors([VENDOR, VENDOR, "V-unknown"])
    assert sorted(bill.id for bill in found) == sorted(ids)
    assert await clerk.ledger.bills_of_vendors([]) == []
