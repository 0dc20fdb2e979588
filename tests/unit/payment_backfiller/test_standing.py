"""How the ledger's facts move a write-back."""

from datetime import date
from decimal import Decimal

from drawbridge.contracts.errors import Problem
from drawbridge.payment_backfiller.domain.draft import Decision, Draft
from drawbridge.payment_backfiller.domain.standing import (
    FOREIGN_VOIDED,
    Standing,
    after_decision,
    again_by_hand,
)

DRAFT = Draft(amount=Decimal(100), date=date(2026, 3, 1), method="check", requisition_id=7, notes="")
CHANGED = DRAFT.model_copy(update={"amount": Decimal(90)})
WRITE, VOID = Decision(draft=DRAFT), Decision(note="Voided.")
REFUSAL = Problem(code="no", message="No.")


def test_a_new_payment_is_planned_and_a_repeat_changes_nothing() -> None:
    planned = after_decision(Standing(), WRITE)
    assert (planned.state, planned.wanted) == ("planned", DRAFT)
    written = Standing("written", DRAFT, row_id=5)
    assert after_decision(written, WRITE) == written


def test_a_change_is_planned_again() -> None:
    after = after_decision(Standing("written", DRAFT, row_id=5), Decision(draft=CHANGED))
    assert (after.state, after.row_id) == ("planned", 5)


def test_a_void_plans_the_removal_of_our_row_only() -> None:
    assert after_decision(Standing("written", DRAFT, row_id=5), VOID).state == "planned"
    assert after_decision(Standing(), VOID).state == "not_needed"
    assert after_decision(Standing("removed"), VOID).state == "removed"


def test_a_void_of_what_a_foreign_row_covers_is_for_a_person() -> None:
    after = after_decision(Standing("covered_by_foreign", DRAFT), VOID)
    assert (after.state, after.problem) == ("needs_hand", FOREIGN_VOIDED)
    assert after_decision(after, VOID) == after


def test_an_owed_answer_stays_owed_whatever_the_facts_become() -> None:
    sending = Standing("sending", DRAFT)
    assert after_decision(sending, VOID).state == "sending"
    assert after_decision(sending, Decision(draft=CHANGED)).wanted == CHANGED
    assert after_decision(sending, Decision(problem=REFUSAL)).state == "sending"


def test_a_refusal_is_repeated_only_when_facts_change_or_by_hand() -> None:
    refused = Standing("needs_hand", DRAFT, problem=REFUSAL)
    assert after_decision(refused, WRITE) == refused
    assert after_decision(refused, Decision(draft=CHANGED)).state == "planned"
    assert again_by_hand(refused).state == "planned"
    locked = Standing("needs_hand", None, row_id=5, problem=REFUSAL)
    assert after_decision(locked, VOID) == locked
    assert again_by_hand(locked).state == "planned"


def test_what_no_write_can_mend_is_not_tried_by_hand() -> None:
    flagged = after_decision(Standing(), Decision(problem=REFUSAL))
    assert flagged.state == "needs_hand"
    assert again_by_hand(flagged) == flagged


def test_an_offset_stays_until_the_ledger_or_a_person_wants_otherwise() -> None:
    offset = Standing("offset", None, row_id=5, problem=REFUSAL, locked=REFUSAL)
    assert after_decision(offset, VOID) == offset
    assert after_decision(offset, WRITE).state == "planned"
    again = again_by_hand(offset)
    assert (again.state, again.locked) == ("planned", None)
