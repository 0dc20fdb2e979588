"""What a step of the plan does to our own records; pure changes of a live row, in an open transaction."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from drawbridge.contracts.errors import Problem
from drawbridge.contracts.payments import WriteState
from drawbridge.payment_backfiller.domain.draft import Draft
from drawbridge.payment_backfiller.domain.listing import Row
from drawbridge.payment_backfiller.domain.offset import offset_beside
from drawbridge.payment_backfiller.domain.standing import FOREIGN_VOIDED
from drawbridge.payment_backfiller.store.allocations import AllocationView


def intend(
    view: AllocationView, draft: Draft | None, at: datetime, deadline: datetime, place: tuple[int, int]
) -> None:
    """An answer will be owed: committed before the call, so that a crash leaves its trace."""
    row = view.row
    view.set_standing(replace(view.standing, state="sending", problem=None))
    row.sent = draft.model_dump(mode="json") if draft else None
    row.intent_at, row.deadline = at, deadline
    row.written_project_id, row.written_commitment_id = place


def stands(view: AllocationView, row: Row, *, proven: bool, place: tuple[int, int]) -> None:
    """Procore shows what should stand."""
    _answered(view)
    shown = replace(view.standing, state="written", row_id=row.id, problem=None, note="", locked=None)
    view.set_standing(shown)
    view.row.proven, view.row.written_amount = proven, row.amount
    view.row.linked = row.requisition_id is not None
    view.row.written_project_id, view.row.written_commitment_id = place


def stands_otherwise(view: AllocationView, row: Row, problem: Problem) -> None:
    """Procore shows our row, but not as it should be."""
    _answered(view)
    view.set_standing(replace(view.standing, state="needs_hand", row_id=row.id, problem=problem))
    view.row.proven, view.row.written_amount = True, row.amount


def locked(view: AllocationView, problem: Problem) -> None:
    """Procore refuses to remove our row: it is to be offset."""
    _answered(view)
    view.set_standing(replace(view.standing, state="planned", problem=None, locked=problem))


def offset_stands(view: AllocationView, offset: Row) -> None:
    """Procore shows our row and its offset, which come to nothing."""
    _answered(view)
    problem = offset_beside(view.standing.row_id, offset)
    view.set_standing(replace(view.standing, state="offset", problem=problem))
    view.row.offset_id, view.row.written_amount = offset.id, Decimal(0)


def offset_stands_otherwise(view: AllocationView, offset: Row, problem: Problem) -> None:
    """Procore shows the offset, but not as it should be: it is removed again."""
    _answered(view)
    view.set_standing(replace(view.standing, state="needs_hand", problem=problem))
    view.row.offset_id = offset.id


def absent(view: AllocationView) -> None:
    """Procore shows no row of ours, and none should stand at the place that was listed."""
    standing = view.standing
    traces = standing.row_id is not None or view.row.intent_at is not None
    if not traces and standing.state not in ("planned", "sending") and standing.problem != FOREIGN_VOIDED:
        return
    _answered(view)
    state: WriteState = "planned" if standing.wanted is not None else "removed"
    view.set_standing(replace(standing, state=state, row_id=None, problem=None, locked=None))
    view.row.written_amount = None


def covered(view: AllocationView, evidence: str) -> None:
    """Somebody else's row stands for it."""
    _answered(view)
    view.set_standing(
        replace(view.standing, state="covered_by_foreign", row_id=None, problem=None, note=evidence)
    )
    view.row.written_amount = None


def not_applied(view: AllocationView) -> None:
    """The call never reached Procore: as if it had not been intended."""
    _answered(view)
    view.set_standing(replace(view.standing, state="planned"))


def unclear(view: AllocationView, now: datetime) -> None:
    """Our call is over but its answer never came: the doubt counts from now."""
    if view.row.deadline is not None:
        view.row.deadline = min(view.row.deadline, now)


def refused(view: AllocationView, problem: Problem) -> None:
    """Procore said no, or nothing that we may do helps: a person must act there."""
    if view.standing.problem != FOREIGN_VOIDED:
        view.set_standing(replace(view.standing, state="needs_hand", problem=problem))


def answered(view: AllocationView) -> None:
    """No answer is owed any more."""
    _answered(view)


def _answered(view: AllocationView) -> None:
    view.row.sent = view.row.intent_at = view.row.deadline = None
