"""Which AP invoice a bill is, and why."""

from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from drawbridge.payment_backfiller.domain.matching import (
    BillToMatch,
    Candidate,
    NoTie,
    Result,
    Tie,
    match_bills,
)

ONE, TWO = UUID(int=1), UUID(int=2)


def bill(**changes: Any) -> BillToMatch:  # noqa: ANN401  # any member
    members: dict[str, Any] = {
        "id": "11",
        "vendor_code": "V-7",
        "invoice_number": "INV-12",
        "total": Decimal(100),
    }
    return BillToMatch(**(members | changes))


def candidate(**changes: Any) -> Candidate:  # noqa: ANN401  # any member
    members: dict[str, Any] = {
        "id": ONE,
        "vendor_code": "v-7",
        "invoice_number": "INV-12",
        "net_due": Decimal(100),
        "retainage_held": Decimal(10),
    }
    return Candidate(**(members | changes))


def match(one: BillToMatch, *candidates: Candidate) -> Result:
    return match_bills([one], candidates)[one.id]


def test_the_ledgers_own_bill_id_wins_over_the_number() -> None:
    result = match(bill(), candidate(), candidate(id=TWO, invoice_number="X", ledger_bill_id="11"))
    assert isinstance(result, Tie)
    assert (result.invoice_id, result.key) == (TWO, "ledger_bill_id")


def test_vendor_and_number_tie_whatever_the_amount() -> None:
    result = match(bill(total=Decimal(5)), candidate())
    assert isinstance(result, Tie)
    assert result.key == "invoice_number"
    assert "INV-12" in result.evidence


@pytest.mark.parametrize("number", ["inv 0012", "INV12", "Inv-00012."])
def test_an_alike_number_ties_only_with_the_amount(number: str) -> None:
    result = match(bill(invoice_number=number), candidate())
    assert isinstance(result, Tie)
    assert result.key == "normalised_invoice_number"
    assert "= net due" in result.evidence
    other = match(bill(invoice_number=number, total=Decimal(99)), candidate())
    assert isinstance(other, NoTie)
    assert other.candidates == (ONE,)


def test_the_amount_may_be_net_due_plus_retainage_held() -> None:
    result = match(bill(invoice_number="inv12", total=Decimal(110)), candidate())
    assert isinstance(result, Tie)
    assert "retainage" in result.evidence


def test_a_number_that_the_ledger_cut_is_alike() -> None:
    ours = candidate(invoice_number="2026-HARBOR-PIER-0045")
    assert isinstance(match(bill(invoice_number="2026-HARBOR-PIE"), ours), Tie)
    assert isinstance(match(bill(invoice_number="2026-HARBOR"), ours), NoTie)


def test_blank_numbers_never_tie() -> None:
    assert isinstance(match(bill(invoice_number=" "), candidate(invoice_number=" ")), NoTie)
    assert isinstance(match(bill(invoice_number="-"), candidate(invoice_number=None)), NoTie)


def test_another_vendor_never_ties_by_number() -> None:
    assert isinstance(match(bill(vendor_code="V-8"), candidate()), NoTie)
    assert isinstance(match(bill(vendor_code=""), candidate(vendor_code=None)), NoTie)


def test_two_invoices_that_fit_equally_are_ambiguous() -> None:
    result = match(bill(), candidate(), candidate(id=TWO))
    assert isinstance(result, NoTie)
    assert result.candidates == (ONE, TWO)


def test_two_bills_for_one_invoice_are_ambiguous_and_the_first_tie_stays() -> None:
    both = match_bills([bill(), bill(id="12")], [candidate()])
    assert all(isinstance(result, NoTie) for result in both.values())
    tied = candidate(tied_bill_id="11", tied_by="invoice_number")
    second = match_bills([bill(), bill(id="12")], [tied])
    assert isinstance(second["11"], Tie)
    assert isinstance(second["12"], NoTie)
    assert "11" in second["12"].reason


def test_a_ledger_bill_id_moves_a_tie() -> None:
    tied = candidate(tied_bill_id="11", tied_by="invoice_number", ledger_bill_id="12")
    results = match_bills([bill(), bill(id="12")], [tied])
    assert isinstance(results["11"], NoTie)
    assert isinstance(results["12"], Tie)


def test_a_voided_bill_keeps_its_tie_until_its_payments_are_gone() -> None:
    tied = candidate(tied_bill_id="11", tied_by="invoice_number")
    assert isinstance(match(bill(voided=True, has_live_payment=True), tied), Tie)
    assert isinstance(match(bill(voided=True), tied), NoTie)


def test_the_bill_that_replaces_a_voided_one_takes_over() -> None:
    tied = candidate(tied_bill_id="11", tied_by="invoice_number")
    results = match_bills([bill(voided=True), bill(id="12")], [tied])
    assert isinstance(results["12"], Tie)


def test_a_second_invoice_that_names_the_bill_does_not_break_its_tie() -> None:
    tied = candidate(tied_bill_id="11", tied_by="ledger_bill_id", ledger_bill_id="11")
    result = match(bill(), tied, candidate(id=TWO, ledger_bill_id="11"))
    assert isinstance(result, Tie)
    assert result.invoice_id == ONE
