"""Record the steps of a plan that need no call to Procore, in one transaction guarded by the lease."""

from collections.abc import Sequence

from drawbridge.payment_backfiller.domain.steps import CoverByForeign, NeedsHand, Orphan, Settled, Step
from drawbridge.payment_backfiller.store.allocations import AllocationView, allocation
from drawbridge.payment_backfiller.store.commitments import cover, uncover
from drawbridge.payment_backfiller.store.leases import hold
from drawbridge.payment_backfiller.store.vaults import Vault, lock_vault
from drawbridge.payment_backfiller.usecases import record_steps
from drawbridge.payment_backfiller.usecases.publish_payments import publish_payments
from drawbridge.payment_backfiller.usecases.send_step import Place
from drawbridge.payment_backfiller.usecases.settle_bills import add_write_backs
from drawbridge.persistence import Database, Transaction, WorkItem
from drawbridge.runtime import get_logger

_log = get_logger(__name__)


async def take_steps(database: Database, item: WorkItem, place: Place, steps: Sequence[Step]) -> None:
    """Record what the listing shows, and publish what that changes."""
    quiet = [step for step in steps if isinstance(step, Settled | CoverByForeign | NeedsHand)]
    for step in steps:
        if isinstance(step, Orphan):
            _log.warning("write_back.orphan", contract_payment_id=step.row_id, mark=step.mark)
    if not quiet:
        return
    async with database.transaction() as tx:
        vault = await lock_vault(tx.session, item.vault_id)
        if vault is None:
            return
        await hold(tx, item)
        views = [await _record(tx, vault, item, place, step) for step in quiet]
        await publish_payments(tx, vault, views, (), item.cause)


async def _record(
    tx: Transaction, vault: Vault, item: WorkItem, place: Place, step: Settled | CoverByForeign | NeedsHand
) -> AllocationView:
    view = await allocation(tx.session, vault.id, step.allocation_id)
    match step:
        case Settled(row=row, offset=True) if row is not None:
            record_steps.offset_stands(view, row)
        case Settled(row=None):
            await uncover(tx.session, step.allocation_id)
            record_steps.absent(view)
            elsewhere = view.commitments() - {place.key}
            if view.row.write_state == "planned" and elsewhere:
                await add_write_backs(tx, vault, elsewhere, item.cause)
        case Settled(row=row) if row is not None:
            await uncover(tx.session, step.allocation_id)
            record_steps.stands(view, row, proven=step.proven, place=place.key)
        case CoverByForeign():
            await cover(tx.session, vault.id, step.allocation_id, step.row_id, step.evidence)
            record_steps.covered(view, step.evidence)
        case NeedsHand():
            record_steps.refused(view, step.problem)
    return view
