"""What Procore answers to a removal, and to the offset of a row that it keeps."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

import pytest

from drawbridge.payment_backfiller.domain.allocation import mark_of, offset_key
from drawbridge.payment_backfiller.domain.draft import Draft
from drawbridge.payment_backfiller.domain.listing import Row
from drawbridge.payment_backfiller.domain.steps import Create
from drawbridge.payment_backfiller.store.allocations import AllocationView
from drawbridge.payment_backfiller.store.write_tables import AllocationRow
from drawbridge.payment_backfiller.usecases.record_offset import (
    is_locked,
    offset_in,
    record_locked,
    record_offset,
)
from drawbridge.procore import ContractPayment, NotSent, Ok, Rejected
from drawbridge.procore.problems import problem_from

A = UUID(int=1 << 64)
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
DRAFT = Draft(
    amount=Decimal("-100.00"),
    date=date(2026, 3, 1),
    method="check",
    requisition_id=77,
    notes=mark_of(offset_key(A)),
)
STEP = Create(A, DRAFT, offset=True)
REFUSED = Rejected(problem_from(422, b'{"errors": {"base": ["is locked"]}}'))


def view(**members: Any) -> AllocationView:  # noqa: ANN401  # any column
    """An allocation whose row Procore keeps, with a call under way; nothing else of it matters here."""
    row = AllocationRow(
        id=A, write_state="sending", contract_payment_id=500, intent_at=NOW, deadline=NOW, **members
    )
    nothing = cast("Any", None)
    found = AllocationView(row, nothing, nothing, None)
    record_locked(found, REFUSED)
    return found


def shown(amount: str) -> Ok[ContractPayment | None]:
    members = {"id": 501, "amount": amount, "date": "2026-03-01", "requisition_id": 77, "notes": DRAFT.notes}
    return Ok(ContractPayment.model_validate(members))


@pytest.mark.parametrize("status", [400, 401, 404, 408])
def test_other_answers_say_nothing_about_the_row(status: int) -> None:
    assert is_locked(view(), REFUSED)
    assert not is_locked(view(), Rejected(problem_from(status, b"{}")))
    elsewhere = view(wanted=DRAFT.model_dump(mode="json"))
    assert not is_locked(elsewhere, REFUSED)


def test_a_row_that_stays_is_planned_to_be_offset() -> None:
    found = view()
    assert (found.standing.state, found.row.intent_at) == ("planned", None)
    assert found.standing.locked is not None
    assert "is locked" in found.standing.locked.message


def test_an_offset_that_procore_shows_as_sent_stands() -> None:
    found = view()
    assert not record_offset(found, STEP, shown("-100.0"))
    assert (found.row.write_state, found.row.offset_id) == ("offset", 501)
    assert found.row.written_amount == 0
    assert found.standing.problem is not None
    assert "500 of 2026-03-01 is locked" in found.standing.problem.message
    assert "501 of -100.00" in found.standing.problem.message


def test_an_offset_that_procore_shows_otherwise_is_looked_at_again_at_once() -> None:
    found = view()
    assert record_offset(found, STEP, shown("100.0"))
    assert (found.standing.state, found.row.offset_id) == ("needs_hand", 501)
    assert found.standing.problem is not None
    assert "shows 100.0; it is removed again" in found.standing.problem.message


def test_a_refused_offset_names_both_refusals_and_one_that_was_not_sent_is_planned_again() -> None:
    found = view()
    assert not record_offset(found, STEP, Rejected(problem_from(422, b'{"errors": {"amount": ["is low"]}}')))
    assert found.standing.problem is not None
    assert "is locked" in found.standing.problem.message
    assert "is low" in found.standing.problem.message
    assert found.row.write_state == "needs_hand"
    assert not record_offset(found, STEP, NotSent("No connection."))
    assert found.row.write_state == "planned"


def test_an_offset_is_found_among_the_rows_by_its_id_or_its_mark() -> None:
    found = view(offset_id=501)
    assert offset_in([Row(501, None)], found)
    assert offset_in([Row(502, None, notes=DRAFT.notes)], found)
    assert not offset_in([Row(500, None, notes=mark_of(A))], found)
