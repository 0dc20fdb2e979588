"""From what should stand on a commitment to the steps."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from drawbridge.payment_backfiller.domain.allocation import mark_of, origin_id_of
from drawbridge.payment_backfiller.domain.foreign import find_covers
from drawbridge.payment_backfiller.domain.listing import Known, Row
from drawbridge.payment_backfiller.domain.plan import plan
from drawbridge.payment_backfiller.domain.steps import (
    CoverByForeign,
    Create,
    Delete,
    NeedsHand,
    Orphan,
    Settled,
    Update,
    Wait,
)
from tests.factories.commitment import DRAFT, A

B = UUID(int=2 << 64)
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def known(allocation: UUID = A, **changes: Any) -> Known:  # noqa: ANN401  # any member
    wanted = DRAFT.model_copy(update={"notes": mark_of(allocation)})
    members: dict[str, Any] = {"allocation_id": allocation, "wanted": wanted}
    return Known(**(members | changes))


def row(row_id: int = 500, **changes: Any) -> Row:  # noqa: ANN401  # any member
    """Our row for A, as Procore lists it."""
    members: dict[str, Any] = {
        "id": row_id,
        "amount": DRAFT.amount,
        "date": DRAFT.date,
        "check_number": "1042",
        "requisition_id": 77,
        "invoice_number": "INV-12",
        "notes": mark_of(A),
        "created_at": NOW,
    }
    return Row(**(members | changes))


def typed(row_id: int = 900, **changes: Any) -> Row:  # noqa: ANN401  # any member
    """A row that somebody typed by hand."""
    return row(row_id, **({"notes": "by hand", "created_at": NOW - timedelta(days=1)} | changes))


def in_doubt(**changes: Any) -> Known:  # noqa: ANN401  # any member
    members: dict[str, Any] = {
        "sent": DRAFT,
        "intent_at": NOW - timedelta(minutes=1),
        "doubt_until": NOW + timedelta(seconds=30),
    }
    return known(**(members | changes))


def test_nothing_there_is_created() -> None:
    assert plan([known()], [], NOW) == [Create(A, DRAFT)]


def test_the_stored_row_is_settled_when_it_shows_the_draft() -> None:
    assert plan([known(row_id=500)], [row(notes="edited")], NOW) == [Settled(A, row(notes="edited"))]


def test_our_mark_is_enough() -> None:
    assert plan([known()], [row()], NOW) == [Settled(A, row())]


def test_origin_id_is_enough_where_the_vault_allows_it() -> None:
    ours = row(notes="", origin_id=origin_id_of(A))
    assert plan([known(use_origin_id=True)], [ours], NOW) == [Settled(A, ours)]


def test_a_row_that_shows_another_amount_is_changed() -> None:
    assert plan([known(row_id=500)], [row(amount=Decimal(90))], NOW) == [Update(A, 500, DRAFT)]


def test_what_should_not_stand_is_deleted() -> None:
    assert plan([known(wanted=None, row_id=500)], [row()], NOW) == [Delete(A, 500)]
    assert plan([known(wanted=None)], [row()], NOW) == [Delete(A, 500)]


def test_of_two_rows_with_one_mark_the_stored_one_stays_else_the_lower() -> None:
    two = [row(500), row(400)]
    assert Delete(A, 400, duplicate=True) in plan([known(row_id=500)], two, NOW)
    assert Delete(A, 500, duplicate=True) in plan([known()], two, NOW)


def test_an_absent_row_proves_nothing_while_in_doubt() -> None:
    until = NOW + timedelta(seconds=30)
    assert plan([in_doubt()], [], NOW) == [Wait(A, until)]
    assert plan([in_doubt(wanted=None)], [], NOW) == [Wait(A, until)]
    assert plan([in_doubt()], [row()], NOW) == [Settled(A, row())]
    assert plan([in_doubt()], [], until) == [Create(A, DRAFT)]


def test_no_foreign_row_covers_while_in_doubt() -> None:
    assert isinstance(plan([in_doubt()], [typed(check_number="1")], NOW)[0], Wait)


def test_a_look_alike_of_what_was_sent_is_adopted_but_never_changed() -> None:
    alike = row(notes="edited away")
    assert plan([in_doubt()], [alike], NOW) == [Settled(A, alike, proven=False)]
    adopted = known(row_id=500, proven=False)
    changed = plan([adopted], [replace(alike, amount=Decimal(90))], NOW)
    assert isinstance(changed[0], NeedsHand)
    removed = plan([replace(adopted, wanted=None)], [alike], NOW)
    assert isinstance(removed[0], NeedsHand)


def test_two_look_alikes_are_for_a_person() -> None:
    [step] = plan([in_doubt()], [row(500, notes=""), row(501, notes="")], NOW)
    assert isinstance(step, NeedsHand)
    assert step.problem.code == "two_candidates"


def test_what_existed_before_the_intent_is_no_look_alike() -> None:
    old = row(notes="", created_at=NOW - timedelta(hours=1))
    [step] = plan([in_doubt(doubt_until=NOW)], [old], NOW)
    assert isinstance(step, CoverByForeign)


@pytest.mark.parametrize(
    "foreign",
    [
        typed(check_number="9"),
        typed(amount=Decimal(5)),
        typed(requisition_id=None, amount=Decimal(5)),
        typed(requisition_id=None, check_number=None),
        typed(requisition_id=None, check_number=None, date=date(2025, 1, 1)),
        typed(requisition_id=None, check_number=None, invoice_number=None, date=date(2026, 3, 8)),
    ],
    ids=["amount", "check", "no invoice, check", "near", "invoice number", "a week"],
)
def test_a_payment_typed_by_hand_covers(foreign: Row) -> None:
    [step] = plan([known()], [foreign], NOW)
    assert isinstance(step, CoverByForeign)
    assert step.row_id == 900


@pytest.mark.parametrize(
    "foreign",
    [
        typed(check_number="9", amount=Decimal(5)),
        typed(requisition_id=78),
        typed(requisition_id=None, check_number="9", invoice_number=None, date=date(2026, 3, 9)),
    ],
    ids=["nothing alike", "another invoice", "too far away"],
)
def test_another_payment_typed_by_hand_does_not_cover(foreign: Row) -> None:
    assert plan([known()], [foreign], NOW) == [Create(A, DRAFT)]


def test_one_foreign_row_covers_one_allocation() -> None:
    steps = plan([known(A), known(B)], [typed()], NOW)
    assert [type(step) for step in steps] == [CoverByForeign, Create]


def test_a_cover_stays_while_its_row_stands_and_ends_with_it() -> None:
    covered = known(foreign_id=900)
    assert isinstance(plan([covered], [typed(amount=Decimal(1), check_number="0")], NOW)[0], CoverByForeign)
    assert plan([covered], [], NOW) == [Create(A, DRAFT)]


def test_our_own_late_row_beside_a_cover_is_removed() -> None:
    steps = plan([known(foreign_id=900)], [typed(), row()], NOW)
    assert Delete(A, 500, duplicate=True) in steps
    assert any(isinstance(step, CoverByForeign) for step in steps)


def test_a_voided_payment_leaves_the_foreign_row_alone() -> None:
    assert plan([known(wanted=None, foreign_id=900)], [typed()], NOW) == []
    assert plan([known(wanted=None, foreign_id=900)], [], NOW) == [Settled(A, None)]


def test_a_foreign_row_of_a_voided_payment_goes_over_to_the_payment_issued_in_its_place() -> None:
    voided, again = known(A, wanted=None, foreign_id=900), known(B)
    assert plan([voided, again], [typed()], NOW) == [
        Settled(A, None),
        CoverByForeign(
            B, 900, find_covers({B: again.wanted or DRAFT}, [typed()], {B: frozenset()})[B].evidence
        ),
    ]


def test_a_marked_row_of_nobody_is_an_orphan_and_stays() -> None:
    stray = row(notes=mark_of(UUID(int=9 << 64)), requisition_id=1, check_number="x")
    assert plan([known(row_id=501)], [row(501), stray], NOW) == [
        Settled(A, row(501)),
        Orphan(500, mark_of(UUID(int=9 << 64))),
    ]


def test_what_procore_refused_is_not_repeated_but_seen_when_it_is_settled() -> None:
    blocked = known(row_id=500, blocked=True)
    assert plan([blocked], [row(amount=Decimal(90))], NOW) == []
    assert plan([blocked], [row()], NOW) == [Settled(A, row())]
    assert plan([known(blocked=True)], [], NOW) == []


def test_nothing_is_created_here_while_the_row_stands_elsewhere() -> None:
    assert plan([known(withheld=True)], [], NOW) == []


def test_removals_come_before_additions() -> None:
    steps = plan([known(A), known(B, wanted=None, row_id=600)], [row(600, notes="", check_number="5")], NOW)
    assert [type(step) for step in steps] == [Delete, Create]
