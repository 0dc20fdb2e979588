"""After any change of facts: match the bills, decide what should stand in Procore, and plan the way there.

The one place where facts become effects. It runs in a transaction that has locked the vault, may run any
number of times, and changes nothing where nothing has changed.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from uuid import UUID

from drawbridge.contracts.envelope import Cause
from drawbridge.payment_backfiller.domain.draft import decide
from drawbridge.payment_backfiller.domain.standing import after_decision
from drawbridge.payment_backfiller.store.allocations import AllocationView, allocations_of_bills
from drawbridge.payment_backfiller.store.bills import invoices_of_bills
from drawbridge.payment_backfiller.store.commitments import want
from drawbridge.payment_backfiller.store.vaults import Vault
from drawbridge.payment_backfiller.usecases.match_bills import match_bills
from drawbridge.payment_backfiller.usecases.publish_payments import publish_payments
from drawbridge.payment_backfiller.usecases.reporting import Report
from drawbridge.persistence import NORMAL, NewWork, Transaction

WRITE_BACK = "write_back"


async def settle_bills(
    tx: Transaction, vault: Vault, bill_ids: Collection[str], cause: Cause, *, priority: int = NORMAL
) -> Report:
    """Match and settle these bills; the vault is locked. ``cause`` is the story, never a waiting command."""
    matched = await match_bills(tx, vault, bill_ids)
    return await settle(tx, vault, matched.bills, cause, freed=matched.freed, priority=priority)


async def settle(  # whose bills, and what else is touched by their ties
    tx: Transaction,
    vault: Vault,
    bill_ids: Collection[str],
    cause: Cause,
    *,
    freed: Collection[UUID] = (),
    priority: int = NORMAL,
) -> Report:
    """Decide what should stand in Procore for bills that were matched, plan it, and tell what changed.

    ``freed`` are AP invoices that have lost their bill.
    """
    report, story = Report(), replace(cause, causation_id=None)
    views = await allocations_of_bills(tx.session, vault.id, bill_ids)
    changed = [view for view in views if _decide(vault, view, report)]
    await want(tx.session, vault.id, {each for view in changed for each in view.commitments()})
    await add_write_backs(tx, vault, _commitments_to_write(views), story, priority=priority)
    invoices = await invoices_of_bills(tx.session, vault.id, bill_ids)
    await publish_payments(tx, vault, views, invoices | set(freed), story)
    return report


async def add_write_backs(
    tx: Transaction,
    vault: Vault,
    commitments: Collection[tuple[int, int]],
    cause: Cause,
    *,
    priority: int = NORMAL,
) -> list[bool]:
    """Add the one work item that each commitment (project, commitment) may have."""
    return await tx.add_work(
        *(
            NewWork(
                kind=WRITE_BACK,
                subject=f"commitment/{vault.id}/{project}/{commitment}",
                vault_id=vault.id,
                payload={"project_id": project, "commitment_id": commitment},
                cause=replace(cause, causation_id=None),
                priority=priority,
                unique=True,
            )
            for project, commitment in sorted(commitments)
        )
    )


def _decide(vault: Vault, view: AllocationView, report: Report) -> bool:
    """Decide one allocation; true if what should stand in Procore, or where, has changed."""
    before = view.standing
    decision = decide(
        view.facts,
        view.payee,
        payments_from=vault.settings.payments_from,
        written=before.row_id is not None or before.state == "sending",
        dismissed=view.dismissal,
    )
    after = after_decision(before, decision)
    if after == before:
        return False
    view.set_standing(after)
    if after.state == "planned":
        report.counts["planned"] += 1
        report.lines.append(_words(view))
    return after.wanted != before.wanted or after.state != before.state


def _name(view: AllocationView) -> str:
    return f"Payment {view.payment.number or view.payment.id} of {view.payment.date}"


def _words(view: AllocationView) -> str:
    facts, name = view.facts, _name(view)
    if view.row.wanted is None:
        return (
            f"{name}: contract payment {view.row.contract_payment_id} to be removed. {view.row.note}".strip()
        )
    return f"{name}: {facts.cash} {facts.currency} to be written. {view.bill.evidence}"


def _commitments_to_write(views: Sequence[AllocationView]) -> set[tuple[int, int]]:
    return {
        each
        for view in views
        if view.row.write_state in ("planned", "sending")
        for each in view.commitments()
    }
