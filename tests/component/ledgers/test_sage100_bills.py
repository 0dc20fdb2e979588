from datetime import date
from decimal import Decimal

from drawbridge.ledgers import Bill, BillKey, LedgerSource
from tests.factories.sage import SageBooks


def ids(bills: list[Bill]) -> list[str]:
    return sorted(bill.id for bill in bills)


async def test_total_is_what_was_paid_plus_what_is_open(ledger: LedgerSource, books: SageBooks) -> None:
    await books.vendor(7, "V-1007")
    await books.bill(562949953421312, 7, "INV-1", paid="60.25", open_="39.75", retain="10")
    assert await ledger.bills([BillKey(bill_id="562949953421312")]) == [
        Bill(
            id="562949953421312",
            vendor_code="V-1007",
            invoice_number="INV-1",
            total=Decimal("100.00"),
            paid=Decimal("60.25"),
            balance=Decimal("39.75"),
            retainage=Decimal(10),
            voided=False,
            currency="USD",
            date=date(2026, 2, 28),
        )
    ]


async def test_bill_is_found_by_vendor_and_number_but_not_by_number_alone(
    ledger: LedgerSource, books: SageBooks
) -> None:
    await books.vendor(7, "V-1007")
    await books.vendor(8, "V-1008")
    await books.bill(1, 7, "INV-1")
    await books.bill(2, 8, "INV-1")
    await books.bill(3, 8, "INV-2")
    assert ids(await ledger.bills([BillKey("V-1008", "INV-1")])) == ["2"]
    assert ids(await ledger.bills([BillKey("V-1007", "INV-1"), BillKey("V-1008", "INV-2")])) == ["1", "3"]
    assert await ledger.bills([BillKey(None, "INV-1"), BillKey("V-1007", None), BillKey()]) == []


async def test_bill_that_fits_by_id_and_by_number_is_told_once(
    ledger: LedgerSource, books: SageBooks
) -> None:
    await books.vendor(7, "V-1007")
    await books.bill(1, 7, "INV-1")
    assert ids(await ledger.bills([BillKey("V-1007", "INV-1", "1")])) == ["1"]


async def test_long_number_finds_the_bill_that_the_ledger_cut(ledger: LedgerSource, books: SageBooks) -> None:
    await books.vendor(7, "V-1007")
    await books.bill(1, 7, "2026-03-PAYAPP-"[:15])
    assert ledger.capabilities.invoice_number_length == 15
    assert ids(await ledger.bills([BillKey("V-1007", "2026-03-PAYAPP-0004")])) == ["1"]


async def test_void_and_numberless_bills_are_told_as_such(ledger: LedgerSource, books: SageBooks) -> None:
    await books.vendor(7, "V-1007")
    await books.bill(1, 7, None, status=5)
    (bill,) = await ledger.bills([BillKey(bill_id="1")])
    assert (bill.voided, bill.invoice_number) == (True, "")


async def test_all_bills_of_some_vendors_are_told(ledger: LedgerSource, books: SageBooks) -> None:
    for vendor in (7, 8, 9):
        await books.vendor(vendor, f"V-{vendor}")
        await books.bill(vendor * 10, vendor, "A")
    assert ids(await ledger.bills_of_vendors(["V-7", "V-9", "V-7", "V-unknown"])) == ["70", "90"]
    assert await ledger.bills_of_vendors([]) == []


async def test_many_keys_are_asked_for_in_pieces(ledger: LedgerSource, books: SageBooks) -> None:
    await books.vendor(7, "V-1007")
    await books.execute(
        "INSERT INTO dbo.acpinv (_idnum, vndnum, invnum) SELECT n, 7, n::text FROM generate_series(1, 1200) n"
    )
    assert len(await ledger.bills([BillKey(bill_id=str(n)) for n in range(1, 1201)])) == 1200
