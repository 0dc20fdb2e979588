"""A person runs a job or changes the settings: what Procore refused is tried again."""

from drawbridge.contracts.envelope import Cause
from drawbridge.payment_backfiller.domain.standing import again_by_hand
from drawbridge.payment_backfiller.store.allocations import allocations_needing_hand
from drawbridge.payment_backfiller.store.commitments import want
from drawbridge.payment_backfiller.store.vaults import Vault
from drawbridge.payment_backfiller.usecases.publish_payments import publish_payments
from drawbridge.payment_backfiller.usecases.settle_bills import add_write_backs
from drawbridge.persistence import CLICK, Transaction


async def retry_by_hand(tx: Transaction, vault: Vault, cause: Cause) -> None:
    """Plan again what needs a hand; the vault is locked."""
    changed = []
    for view in await allocations_needing_hand(tx.session, vault.id):
        after = again_by_hand(view.standing)
        if after != view.standing:
            view.set_standing(after)
            changed.append(view)
    commitments = {each for view in changed for each in view.commitments()}
    await want(tx.session, vault.id, commitments)
    await add_write_backs(tx, vault, commitments, cause, priority=CLICK)
    story = Cause(cause.correlation_id, None, cause.traceparent)
    await publish_payments(tx, vault, changed, (), story)
