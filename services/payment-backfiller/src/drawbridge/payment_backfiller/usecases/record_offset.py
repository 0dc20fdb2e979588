"""What becomes of a row that Procore refuses to remove, and of the one that is written against it."""

from collections.abc import Iterable

from drawbridge.contracts.errors import Problem
from drawbridge.payment_backfiller.domain.allocation import mark_of, offset_key
from drawbridge.payment_backfiller.domain.listing import Row
from drawbridge.payment_backfiller.domain.offset import REFUSALS
from drawbridge.payment_backfiller.domain.steps import Create, Update
from drawbridge.payment_backfiller.store.allocations import AllocationView
from drawbridge.payment_backfiller.usecases import record_steps
from drawbridge.payment_backfiller.usecases.contract_payment import refusal, row_of
from drawbridge.procore import ContractPayment, NotSent, Ok, Outcome, Rejected


def is_locked(view: AllocationView, outcome: Rejected) -> bool:
    """Whether a refused removal is to be offset: the row itself stays, and nothing is wanted elsewhere."""
    return outcome.problem.status in REFUSALS and view.wanted is None


def record_locked(view: AllocationView, outcome: Rejected) -> None:
    """The row stays: the next round lists again and offsets it."""
    record_steps.locked(view, refusal(outcome.problem, "delete"))


def record_offset(
    view: AllocationView, step: Create | Update, outcome: Outcome[ContractPayment | None]
) -> bool:
    """Record a clear answer to the offset; true if the commitment must be looked at again at once."""
    match outcome:
        case NotSent():
            record_steps.not_applied(view)
        case Rejected(problem):
            record_steps.answered(view)
            words = refusal(problem, _DOING[type(step)]).message
            record_steps.refused(view, _both_refused(view, step, words))
        case Ok(value) if value is not None and (row := row_of(value)).shows(step.draft):
            record_steps.offset_stands(view, row)
        case Ok(value) if value is not None:
            row, sent = row_of(value), step.draft.amount
            words = f"Procore accepted an offset of {sent} but shows {row.amount}; it is removed again."
            record_steps.offset_stands_otherwise(view, row, _both_refused(view, step, words))
            return True
    return False


def offset_in(rows: Iterable[Row], view: AllocationView) -> bool:
    """Whether an offset of the allocation is among the rows."""
    mark = mark_of(offset_key(view.row.id))
    return any(row.id == view.row.offset_id or row.mark == mark for row in rows)


_DOING = {Create: "accept an offset with", Update: "change the offset with"}


def _both_refused(view: AllocationView, step: Create | Update, words: str) -> Problem:
    locked = view.standing.locked
    first = f"{locked.message} " if locked else ""
    row_id = view.row.contract_payment_id
    return Problem(
        code="offset_refused",
        message=f"{first}{words}",
        advice=f"Unlock and delete contract payment {row_id} in Procore, or enter one of {step.draft.amount} "
        "there by hand; then retry or resolve it here.",
    )
