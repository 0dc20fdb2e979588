"""Keep the read model of AP invoices; a changed invoice lets its vendor's bills be matched again."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import Row

from drawbridge.contracts.envelope import Cause, Envelope
from drawbridge.contracts.invoices import InvoiceState
from drawbridge.payment_backfiller.domain.numbers import invoice_keys, vendor_key
from drawbridge.payment_backfiller.store.bills import vendors_tied_to
from drawbridge.payment_backfiller.store.invoices import upsert_invoices, vendor_keys
from drawbridge.payment_backfiller.store.tables import InvoiceRow
from drawbridge.payment_backfiller.store.unknown_invoices import keep_tied, replace_unknown
from drawbridge.payment_backfiller.store.vaults import lock_vaults
from drawbridge.payment_backfiller.usecases.match_vendor import match_vendor_work
from drawbridge.persistence import Transaction

_ZERO = Decimal(0)


async def store_invoices(tx: Transaction, states: Sequence[tuple[InvoiceState, Envelope]]) -> None:
    """Upsert the highest version of each invoice; blank ones are kept only to forget what they were."""
    causes = {state.invoice.id: Cause.of(envelope) for state, envelope in states}
    await lock_vaults(tx.session, {state.vault_id for state, _ in states})
    before = await vendor_keys(tx.session, causes)
    stored = await upsert_invoices(tx.session, [_row(state, envelope, tx) for state, envelope in states])
    await replace_unknown(tx.session, {row.vault_id for row in stored})
    vendors = {
        (row.vault_id, vendor): causes[row.id]
        for row in stored
        for vendor in {row.vendor_key, before.get(row.id, row.vendor_key)}
    }
    works = [match_vendor_work(vault, vendor, cause) for (vault, vendor), cause in vendors.items()]
    await tx.add_work(*works)


async def forget_invoices(tx: Transaction, rows: Sequence[Row[Any]]) -> None:
    """Match the bills of invoices anew that import-service does not know any more.

    Invoices that have a bill stay, marked as unknown: what Procore shows of their payments stays true.
    """
    cause = Cause.new()
    vaults = {row.vault_id for row in rows}
    await lock_vaults(tx.session, vaults)
    vendors = {(row.vault_id, row.vendor_key) for row in rows}
    vendors |= await vendors_tied_to(tx.session, [row.id for row in rows])
    await keep_tied(tx.session, rows, tx.now)
    await replace_unknown(tx.session, vaults)
    await tx.add_work(*(match_vendor_work(vault, vendor, cause) for vault, vendor in sorted(vendors)))


def _row(state: InvoiceState, envelope: Envelope, tx: Transaction) -> InvoiceRow:
    invoice, source = state.invoice, state.invoice.source
    header = invoice.content.header if invoice.content else None
    vendor = header.vendor.ledger_code if header else None
    code = invoice.ledger.ledger_vendor_code or invoice.overrides.ledger_vendor_code or vendor
    number = header.invoice_number if header else None
    return InvoiceRow(
        id=invoice.id,
        vault_id=state.vault_id,
        version=state.version,
        told_at=envelope.time,
        snapshot_id=state.snapshot_id,
        imported=source is not None and header is not None and invoice.removed is None,
        project_id=source.project_id if source else 0,
        commitment_id=source.commitment_id if source else 0,
        requisition_id=source.requisition_id if source else 0,
        vendor_code=code,
        vendor_key=vendor_key(code),
        invoice_number=number,
        match_keys=invoice_keys(code, number),
        net_due=header.net_due if header else _ZERO,
        retainage_held=header.retainage_held if header else _ZERO,
        currency=header.currency if header else "",
        ledger_bill_id=invoice.ledger.ledger_bill_id,
        told_by=envelope.id,
        traceparent=envelope.traceparent,
        changed_at=tx.now,
    )
