"""After a restore: what a person has said of a forgotten AP invoice holds for the one that replaces it."""

from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID, uuid4

from drawbridge.payment_backfiller.store.bills import read_bills
from drawbridge.payment_backfiller.store.fact_tables import BillRow
from drawbridge.payment_backfiller.store.tables import InvoiceRow
from drawbridge.payment_backfiller.store.unknown_invoices import replace_unknown
from drawbridge.persistence import Database
from tests.factories.invoice_rows import invoice_row

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)


def invoice(invoice_id: UUID, unknown_since: datetime | None) -> InvoiceRow:
    """One of two AP invoices of the same requisition."""
    return invoice_row(invoice_id, match_keys=[], unknown_since=unknown_since)


def bill(name: str) -> BillRow:
    return BillRow(
        vault_id="main",
        id=name,
        vendor_code="V-1",
        vendor_key="V-1",
        invoice_number="7",
        total=Decimal(100),
        retainage=Decimal(0),
        currency="USD",
        voided=False,
        read_at=NOW,
        candidates=[],
        kept_apart=[],
    )


async def test_ties_and_partings_by_hand_go_over_to_the_invoice_that_replaces_a_forgotten_one(
    store: Database,
) -> None:
    forgotten, known, other = uuid4(), uuid4(), uuid4()
    tied, parted = bill("tied"), bill("parted")
    tied.invoice_id, tied.match_key, tied.evidence = forgotten, "by_hand", "Tied by Kim."
    parted.kept_apart = [str(other), str(forgotten)]
    async with store.transaction() as tx:
        tx.session.add_all([invoice(forgotten, NOW), invoice(known, None), tied, parted])
    async with store.transaction() as tx:
        await replace_unknown(tx.session, ["main"])
    async with store.transaction() as tx:
        bills = await read_bills(tx.session, "main", ["tied", "parted"])
    assert (bills["tied"].invoice_id, bills["tied"].match_key) == (known, "by_hand")
    assert bills["tied"].evidence == "Tied by Kim."
    assert sorted(bills["parted"].kept_apart) == sorted([str(other), str(known)])
