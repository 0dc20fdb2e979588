"""What the ledger has paid of each AP invoice, as payment-backfiller last told."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from drawbridge.contracts.payments import InvoicePaymentsState
from drawbridge.import_service.store.tables import core, invoice_payments
from drawbridge.persistence.snapshots import Kept, keep

KEPT = Kept("payment-backfiller", InvoicePaymentsState, invoice_payments)


async def store_payments(
    session: AsyncSession, told: Sequence[tuple[InvoicePaymentsState, datetime]]
) -> None:
    """Keep the newest state of each; it may come before its AP invoice is known here."""
    rows = [
        {
            "vault_id": state.vault_id,
            "invoice_id": state.invoice_id,
            "version": state.version,
            "told_at": told_at,
            "snapshot_id": state.snapshot_id,
            "payment_state": state.payment_state,
            "data": state.model_dump(mode="json", exclude={"change", "snapshot_id"}),
        }
        for state, told_at in told
    ]
    await keep(session, core, KEPT, rows)


async def has_live_payments(session: AsyncSession, vault_id: str, invoice_id: UUID) -> bool:
    """Whether a live allocation of the ledger is tied to the AP invoice."""
    known = invoice_payments.c
    lines = func.jsonb_array_length(known.data["payments"])
    query = select(lines).where(known.vault_id == vault_id, known.invoice_id == invoice_id)
    return bool((await session.execute(query)).scalar_one_or_none())
