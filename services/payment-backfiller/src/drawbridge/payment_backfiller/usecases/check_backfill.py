"""Check backfill: ask the ledger about every imported invoice that is not known to be fully paid.

It finds what a poll by changed date misses: deletions, edits, and payments older than the import.
"""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from uuid import UUID

from drawbridge.ledgers import Bill, LedgerSource, Unreadable
from drawbridge.payment_backfiller.domain.numbers import same_number, vendor_key
from drawbridge.payment_backfiller.store.invoices import invoices_to_check
from drawbridge.payment_backfiller.store.tables import InvoiceRow
from drawbridge.payment_backfiller.store.vaults import Vault
from drawbridge.payment_backfiller.usecases.ask_ledger import facts_of_bills
from drawbridge.payment_backfiller.usecases.fact_rows import fact_rows
from drawbridge.payment_backfiller.usecases.take_facts import Taking
from drawbridge.persistence import Transaction, WorkStore
from drawbridge.runtime import failpoints, utc_now

_AFTER_BATCH = failpoints.declare("check_backfill.after_batch")
RECENT = timedelta(days=35)
"""A fully paid invoice is asked for again as long as something about it changed since then."""

_CHUNK = 100
_AFTER = "after"
"""The last invoice that was asked about, in the work item's payload."""


async def check_backfill(taking: Taking, vault: Vault, ledger: LedgerSource, name: str) -> None:
    """Ask for the invoices' bills, then for every payment of those bills.

    The work item keeps how far it is, in the transaction that stores what was read, and goes on from there.
    """
    after = UUID(str(taking.item.payload[_AFTER])) if _AFTER in taking.item.payload else None
    since = utc_now() - RECENT
    while True:
        async with taking.database.reading() as session:
            chunk = await invoices_to_check(session, vault.id, changed_since=since, after=after, limit=_CHUNK)
        if not chunk:
            return
        after = chunk[-1][0].id
        unreadable: list[Unreadable] = []
        asked = await _bills_to_ask(ledger, chunk, unreadable)
        facts = await facts_of_bills(ledger, name, asked, unreadable=unreadable)
        rows = fact_rows(vault.id, facts)
        await taking.take(rows, partial(_keep_place, taking, after), invoices=len(chunk))
        failpoints.hit(_AFTER_BATCH)


async def _keep_place(taking: Taking, after: UUID, tx: Transaction) -> None:
    payload = {**taking.item.payload, _AFTER: str(after)}
    await WorkStore(taking.database).keep_payload(tx, taking.item, payload)


async def _bills_to_ask(
    ledger: LedgerSource, chunk: Sequence[tuple[InvoiceRow, str | None]], unreadable: list[Unreadable]
) -> set[str]:
    """Tied and named bills, and for the other invoices those of their vendor that look alike."""
    asked = {bill_id for _, bill_id in chunk if bill_id}
    asked |= {invoice.ledger_bill_id for invoice, _ in chunk if invoice.ledger_bill_id}
    open_invoices = [invoice for invoice, bill_id in chunk if not bill_id]
    vendors = sorted({invoice.vendor_code for invoice in open_invoices if invoice.vendor_code})
    if vendors:
        theirs = await ledger.bills_of_vendors(vendors, unreadable)
        asked |= {bill.id for bill in theirs if _may_be(bill, open_invoices)}
    return asked


def _may_be(bill: Bill, invoices: Sequence[InvoiceRow]) -> bool:
    """Only bills whose number is alike: a vendor may have years of others."""
    key = vendor_key(bill.vendor_code)
    return any(
        invoice.vendor_key == key and same_number(invoice.invoice_number, bill.invoice_number)
        for invoice in invoices
    )
