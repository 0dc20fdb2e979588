"""Tell what Procore shows on a commitment, once it was compared: the sum of ours, and others' one by one."""

from collections.abc import Collection, Iterable
from decimal import Decimal

from drawbridge.contracts.commitment_payments import CommitmentPaymentsState, OthersPayment
from drawbridge.contracts.envelope import Cause
from drawbridge.contracts.values import Change
from drawbridge.payment_backfiller.domain.allocation import mark_of, offset_key
from drawbridge.payment_backfiller.domain.listing import Row
from drawbridge.payment_backfiller.domain.money import tidy
from drawbridge.payment_backfiller.store.allocations import AllocationView, allocations_of_commitment
from drawbridge.payment_backfiller.store.commitments import commitment
from drawbridge.payment_backfiller.store.vaults import Vault
from drawbridge.persistence import Transaction

_ZERO = Decimal(0)


async def publish_commitment(
    tx: Transaction, vault: Vault, place: tuple[int, int], rows: Collection[Row], cause: Cause
) -> None:
    """Send it with every listing, so that everybody sees how fresh the comparison is."""
    project_id, commitment_id = place
    kept = await commitment(tx.session, vault.id, project_id, commitment_id)
    views = await allocations_of_commitment(tx.session, vault.id, project_id, commitment_id)
    others = _others(rows, views)
    theirs = {each.contract_payment_id for each in others}
    state = CommitmentPaymentsState(
        version=vault.next_version(kept.version),
        change=Change(what="compared_with_procore", at=tx.now),
        vault_id=vault.id,
        project_id=project_id,
        commitment_id=commitment_id,
        listed_at=tx.now,
        ours=_sum(row.amount for row in rows if row.id not in theirs),
        others=_sum(each.amount for each in others),
        payments=tuple(others),
    )
    kept.listed_at, kept.version = tx.now, state.version
    kept.state = state.model_dump(mode="json", exclude={"version", "change", "snapshot_id"})
    tx.send(state, cause=Cause(cause.correlation_id, None, cause.traceparent))


def _others(rows: Iterable[Row], views: Iterable[AllocationView]) -> list[OthersPayment]:
    """What is neither ours by our records nor by the mark of an allocation that we know."""
    views = list(views)
    ours = {each for view in views for each in (view.row.contract_payment_id, view.row.offset_id)}
    marks = {mark_of(each) for view in views for each in (view.row.id, offset_key(view.row.id))}
    covers = {view.foreign.contract_payment_id: view.row.id for view in views if view.foreign}
    return [
        OthersPayment(
            contract_payment_id=row.id,
            kind="orphan" if row.mark else "foreign",
            amount=None if row.amount is None else tidy(row.amount),
            date=row.date,
            check_number=row.check_number,
            invoice_number=row.invoice_number,
            requisition_id=row.requisition_id,
            covers=covers.get(row.id),
        )
        for row in sorted(rows, key=lambda row: row.id)
        if row.id not in ours and row.mark not in marks
    ]


def _sum(amounts: Iterable[Decimal | None]) -> Decimal:
    """What can be read, summed; an amount that cannot be read is shown as such."""
    return tidy(sum((amount for amount in amounts if amount is not None), _ZERO))
