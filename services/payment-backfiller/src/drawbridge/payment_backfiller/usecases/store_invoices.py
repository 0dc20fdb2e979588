"""Keep the read model of AP invoices; a changed invoice lets its vendor's bills be matched again."""

from collections.abc import Sequence
from decimal import Decimal

from drawbridge.contracts.envelope import Cause
from drawbridge.contracts.invoices import InvoiceState
from drawbridge.payment_backfiller.domain.numbers import vendor_key
from drawbridge.payment_backfiller.store.invoices import upsert_invoices, vendor_keys
from drawbridge.payment_backfiller.store.tables import InvoiceRow
from drawbridge.payment_backfiller.store.vaults import lock_vaults
from drawbridge.payment_backfiller.usecases.match_vendor import match_vendor_work
from drawbridge.persistence import Transaction

_ZERO = Decimal(0)


async def store_invoices(tx: Transaction, states: Sequence[tuple[InvoiceState, Cause]]) -> None:
    """Upsert the highest version of each invoice; blank ones are kept only to forget what they were."""
    ordered = sorted(states, key=lambda each: each[0].version)
    newest = {state.invoice.id: (state, cause) for state, cause in ordered}
    await lock_vaults(tx.session, {state.vault_id for state, _ in newest.values()})
    before = await vendor_keys(tx.session, newest)
    rows = {key: _row(state, tx) for key, (state, _) in newest.items()}
    stored = await upsert_invoices(tx.session, list(rows.values()))
    vendors = {
        (rows[key].vault_id, vendor): newest[key][1]
        for key in stored
        for vendor in {rows[key].vendor_key, before.get(key, rows[key].vendor_key)}
    }
    works = [match_vendor_work(vault, vendor, cause) for (vault, vendor), cause in vendors.items()]
    await tx.add_work(*works)


def _row(state: InvoiceState, tx: Transaction) -> InvoiceRow:
    invoice, source = state.invoice, state.invoice.source
    header = invoice.content.header if invoice.content else None
    vendor = header.vendor.ledger_code if header else None
    code = invoice.ledger.ledger_vendor_code or invoice.overrides.ledger_vendor_code or vendor
    return InvoiceRow(
        id=invoice.id,
        vault_id=state.vault_id,
        version=state.version,
        imported=source is not None and header is not None,
        project_id=source.project_id if source else 0,
        commitment_id=source.commitment_id if source else 0,
        requisition_id=source.requisition_id if source else 0,
        vendor_code=code,
        vendor_key=vendor_key(code),
        invoice_number=header.invoice_number if header else None,
        net_due=header.net_due if header else _ZERO,
        retainage_held=header.retainage_held if header else _ZERO,
        currency=header.currency if header else "",
        ledger_bill_id=invoice.ledger.ledger_bill_id,
        changed_at=tx.now,
    )
