"""What should stand in Procore for an allocation."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5

import pytest

from drawbridge.payment_backfiller.domain.allocation import Allocation, allocation_id, mark_in, mark_of
from drawbridge.payment_backfiller.domain.draft import Decision, Payee, decide

PAYEE = Payee(requisition_id=598134325841112, invoice_number="INV-12", currency="USD")


def allocation(**changes: Any) -> Allocation:  # noqa: ANN401  # any member
    members: dict[str, Any] = {
        "id": UUID(int=7),
        "cash": Decimal("100.00"),
        "discount": Decimal(0),
        "credit": Decimal(0),
        "currency": "USD",
        "number": "1042",
        "date": date(2026, 3, 1),
        "method": "check",
    }
    return Allocation(**(members | changes))


def decided(
    payee: Payee | None = PAYEE,
    since: date | None = None,
    *,
    written: bool = False,
    **changes: Any,  # noqa: ANN401  # any member
) -> Decision:
    return decide(allocation(**changes), payee, payments_from=since, written=written)


def test_cash_alone_is_written_and_the_discount_is_noted() -> None:
    draft = decided(discount=Decimal(5), joint_payee="Beam Supply").draft
    assert draft is not None
    assert draft.amount == 100
    assert draft.check_number == "1042"
    assert draft.notes.startswith("Discount 5.00 taken. Joint payee: Beam Supply. [DB-")


def test_only_a_check_has_a_check_number() -> None:
    draft = decided(method="electronic", number="ACH-9").draft
    assert draft is not None
    assert draft.check_number is None
    assert "ACH-9" in draft.notes


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"gone": True}, "Voided"),
        ({"payment_voided": True}, "Voided"),
        ({"cash": Decimal(0)}, "Voided"),
        ({"posted": False}, "Not posted"),
        ({"cash": Decimal(0), "credit": Decimal(100)}, "No cash: credit 100.00"),
    ],
)
def test_what_is_not_written_says_why(changes: dict[str, Any], words: str) -> None:
    decision = decided(**changes)
    assert decision.draft is None
    assert words in decision.note


def test_payments_before_go_live_are_left_alone_unless_written_already() -> None:
    assert "go-live" in decided(since=date(2026, 4, 1)).note
    assert decided(since=date(2026, 4, 1), written=True).draft is not None
    assert decided(since=date(2026, 3, 1)).draft is not None


def test_another_currency_is_for_a_person() -> None:
    problem = decided(currency="CAD").problem
    assert problem is not None
    assert problem.code == "currency_differs"


def test_a_negative_amount_is_sent() -> None:
    draft = decided(cash=Decimal(-40)).draft
    assert draft is not None
    assert draft.amount == -40


def test_unmatched_wants_nothing() -> None:
    assert decided(payee=None) == Decision()


def test_identity_and_mark_are_the_same_for_ever() -> None:
    same = UUID("35b8c70e-68ae-5af5-8b71-4a1eda13bed2")
    assert UUID(allocation_id("main", "sage", "V-7/700", "11")) == same
    mark = mark_of(UUID(int=7))
    assert mark == "[DB-AAAAAAAAAAAAAAAA]"
    assert len(mark) <= 24
    assert mark_in(f"Discount 5.00 taken. {mark} \n") == mark
    assert mark_in(f"{mark} and more") is None


def test_allocations_of_one_check_differ_and_all_are_names_in_one_namespace() -> None:
    ids = {allocation_id("main", "sage", "V-7/700", str(bill)) for bill in range(100)}
    assert len(ids) == 100
    assert {UUID(each).version for each in ids} == {5}
    namespace = UUID("6d3a2c0e-1f5b-5f57-9a44-0b0d7e5c9e21")
    assert ids == {uuid5(namespace, f"main\x1fsage\x1fV-7/700\x1f{bill}").hex for bill in range(100)}
