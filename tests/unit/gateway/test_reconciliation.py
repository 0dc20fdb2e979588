"""Why paid and issued differ: the causes add up to the difference, whatever stands where."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, get_args

from hypothesis import given
from hypothesis import strategies as st

from drawbridge.contracts.commitment_payments import CommitmentPaymentsState
from drawbridge.contracts.payments import WriteState
from drawbridge.contracts.values import Change
from drawbridge.gateway.domain.reconciliation import Part, balance

DAWN = datetime(2026, 3, 1, 8, tzinfo=UTC)
ZERO = Decimal(0)


def shown(ours: str, others: list[dict[str, Any]]) -> CommitmentPaymentsState:
    return CommitmentPaymentsState.model_validate(
        {
            "version": 1,
            "change": Change(what="compared_with_procore", at=DAWN),
            "vault_id": "main",
            "project_id": 5,
            "commitment_id": 3,
            "listed_at": DAWN,
            "ours": ours,
            "others": str(sum((Decimal(each["amount"]) for each in others), ZERO)),
            "payments": others,
        }
    )


def part(state: WriteState, count: int, cash: Decimal, issued: Decimal, *, voided: bool = False) -> Part:
    return Part(state, voided, count, cash, issued)


def codes(*parts: Part, others: list[dict[str, Any]] | None = None) -> dict[str, Decimal]:
    issued = sum((part.issued for part in parts), ZERO)
    found = balance(3, 5, parts, ZERO, shown(str(issued), others or []))
    return {each.code: each.amount for each in found.causes}


def test_each_way_to_stand_has_its_cause() -> None:
    assert codes(part("written", 1, Decimal(9), Decimal(9))) == {}
    assert codes(part("planned", 2, Decimal(9), ZERO)) == {"not_written_yet": Decimal(9)}
    assert codes(part("planned", 1, ZERO, Decimal(9), voided=True)) == {"void_pending": Decimal(-9)}
    assert codes(part("needs_hand", 1, Decimal(9), ZERO)) == {"refused": Decimal(9)}
    assert codes(part("resolved", 1, Decimal(9), ZERO)) == {"resolved_by_hand": Decimal(9)}
    assert codes(part("not_needed", 1, Decimal(9), ZERO)) == {"not_carried": Decimal(9)}
    assert codes(part("removed", 1, ZERO, ZERO, voided=True)) == {}


def test_a_payment_typed_by_hand_explains_what_it_covers_and_no_more() -> None:
    covered = part("covered_by_foreign", 1, Decimal(9), ZERO)
    cover = {
        "contract_payment_id": 7,
        "kind": "foreign",
        "amount": "9",
        "covers": "018f3c6e-7a10-4c1e-9d52-3f0e5a7b9c11",
    }
    assert codes(covered, others=[cover]) == {}
    assert codes(covered, others=[cover | {"amount": "8"}]) == {"covered_by_foreign": Decimal(1)}
    more = {"contract_payment_id": 8, "kind": "orphan", "amount": "5"}
    assert codes(covered, others=[cover, more]) == {"orphan": Decimal(-5)}


def test_a_locked_row_and_its_offset_are_explained_though_they_come_to_nothing() -> None:
    found = balance(3, 5, [part("offset", 1, ZERO, ZERO, voided=True)], ZERO, shown("0", []))
    assert (found.issued, found.difference, found.causes) == (ZERO, ZERO, ())
    [note] = found.notes
    assert (note.code, note.amount, note.count) == ("offset", ZERO, 1)
    assert "locked in Procore" in found.cause


AMOUNTS = st.decimals(min_value=-1000, max_value=1000, places=2)


@given(
    parts=st.lists(
        st.builds(
            Part,
            state=st.sampled_from(get_args(WriteState)),
            voided=st.booleans(),
            count=st.integers(1, 5),
            cash=AMOUNTS,
            issued=AMOUNTS,
        ),
        max_size=6,
    ),
    others=st.lists(
        st.builds(
            lambda kind, amount: {"contract_payment_id": 7, "kind": kind, "amount": str(amount)},
            st.sampled_from(["foreign", "orphan"]),
            AMOUNTS,
        ),
        max_size=3,
    ),
    ours=AMOUNTS,
)
def test_the_causes_add_up_to_the_difference(
    parts: list[Part], others: list[dict[str, Any]], ours: Decimal
) -> None:
    found = balance(3, 5, parts, ZERO, shown(str(ours), others))
    assert sum((each.amount for each in found.causes), ZERO) == found.difference
    assert found.difference == found.paid - found.issued
