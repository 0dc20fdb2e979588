"""A row that cannot be removed is offset by another, as long as nothing should stand there."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from drawbridge.payment_backfiller.domain.allocation import mark_in, mark_of, offset_key, origin_id_of
from drawbridge.payment_backfiller.domain.draft import Draft
from drawbridge.payment_backfiller.domain.listing import Known, Row
from drawbridge.payment_backfiller.domain.plan import plan
from drawbridge.payment_backfiller.domain.steps import Create, Delete, NeedsHand, Settled, Step, Update, Wait
from tests.factories.commitment import DRAFT, LOCKED, A

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
MARK = mark_of(offset_key(A))
OWN = Row(
    500,
    Decimal("100.00"),
    date(2026, 3, 1),
    "1042",
    77,
    "INV-12",
    f"Discount 5.00 taken. {mark_of(A)}",
    created_at=NOW,
)
OFFSET = replace(OWN, id=501, amount=Decimal("-100.00"), notes=f"Offsets it. {MARK}")
VOIDED = Known(A, None, row_id=500, locked=LOCKED)


def steps(known: Known, *rows: Row) -> list[Step]:
    return plan([known], rows, NOW)


def sent(known: Known = VOIDED) -> Draft:
    """The offset as we send it."""
    [create] = steps(known, OWN)
    assert isinstance(create, Create)
    return create.draft


def test_a_locked_row_is_offset_by_its_opposite_with_a_mark_of_its_own() -> None:
    draft = sent()
    assert steps(VOIDED, OWN) == [Create(A, draft, offset=True)]
    assert (draft.amount, draft.date, draft.check_number) == (Decimal("-100.00"), OWN.date, "1042")
    assert (draft.requisition_id, draft.invoice_number, draft.method) == (77, "INV-12", "check")
    assert draft.notes == f"Offsets contract payment 500, which could not be removed. {MARK}"
    assert mark_in(draft.notes) == MARK != mark_of(A)
    assert len(MARK) <= 24


def test_an_unlinked_row_has_an_unlinked_offset() -> None:
    [create] = steps(VOIDED, replace(OWN, requisition_id=None))
    assert isinstance(create, Create)
    assert create.draft.requisition_id is None


@pytest.mark.parametrize("offset", [OFFSET, replace(OFFSET, notes="edited")])
def test_the_offset_is_recognised_by_mark_or_stored_id(offset: Row) -> None:
    known = replace(VOIDED, offset_id=501)
    assert steps(known, OWN, offset) == [Settled(A, offset, offset=True)]


def test_the_offset_is_recognised_by_its_origin_id_where_the_vault_allows_it() -> None:
    offset = replace(OFFSET, notes="", origin_id=origin_id_of(offset_key(A)))
    assert steps(replace(VOIDED, use_origin_id=True), OWN, offset) == [Settled(A, offset, offset=True)]


def test_the_removal_is_tried_before_anything_is_done_about_an_offset() -> None:
    known = replace(VOIDED, locked=None)
    assert steps(known, OWN) == [Delete(A, 500)]
    assert steps(known, OWN, OFFSET) == [Delete(A, 500)]


def test_the_offset_goes_when_its_row_is_gone_or_wanted_again() -> None:
    assert steps(VOIDED, OFFSET) == [Settled(A, None), Delete(A, 501, duplicate=True)]
    wanted = replace(VOIDED, wanted=DRAFT, locked=None)
    assert steps(wanted, OWN, OFFSET) == [Settled(A, OWN), Delete(A, 501, duplicate=True)]


def test_a_second_offset_is_one_too_many() -> None:
    later = replace(OFFSET, id=502)
    assert steps(VOIDED, OWN, OFFSET, later) == [
        Settled(A, OFFSET, offset=True),
        Delete(A, 502, duplicate=True),
    ]


def test_in_doubt_an_absent_offset_proves_nothing() -> None:
    members: dict[str, Any] = {"sent": sent(), "intent_at": NOW, "doubt_until": NOW + timedelta(seconds=30)}
    doubtful = replace(VOIDED, **members)
    assert steps(doubtful, OWN) == [Wait(A, NOW + timedelta(seconds=30))]
    assert steps(doubtful, OWN, OFFSET) == [Settled(A, OFFSET, offset=True)]
    over = replace(doubtful, doubt_until=NOW)
    assert steps(over, OWN) == [Create(A, sent(), offset=True)]


def test_what_only_looks_like_the_offset_that_was_sent_is_for_a_person() -> None:
    alike = replace(OFFSET, notes="")
    doubtful = replace(VOIDED, sent=sent(), intent_at=NOW)
    [step] = steps(doubtful, OWN, alike)
    assert isinstance(step, NeedsHand)
    assert step.problem.code == "offset_unproven"
    assert steps(replace(doubtful, blocked=True), OWN, alike) == []


def test_an_offset_that_shows_something_else_is_changed_or_once_refused_removed() -> None:
    wrong = replace(OFFSET, amount=Decimal("-90.00"))
    assert steps(VOIDED, OWN, wrong) == [Update(A, 501, sent(), offset=True)]
    assert steps(replace(VOIDED, blocked=True), OWN, wrong) == [Delete(A, 501, duplicate=True)]


def test_a_refused_offset_is_not_tried_again_by_itself() -> None:
    assert steps(replace(VOIDED, blocked=True), OWN) == []


def test_a_locked_row_that_cannot_be_read_is_for_a_person() -> None:
    assert steps(VOIDED, replace(OWN, amount=None)) == [NeedsHand(A, 500, LOCKED)]
