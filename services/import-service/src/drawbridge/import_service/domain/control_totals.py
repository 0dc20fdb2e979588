"""Control totals: the G702 identities, and what we read against net due (product, "Invoice content").

Whether tax is inside ``current_payment_due`` and the lines' net is not documented, so a doubtful identity
warns only if neither reading holds. An identity with an absent member is not checked.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from drawbridge.contracts.invoices import InvoiceContent, Warned
from drawbridge.import_service.domain.amounts import ZERO, AmountReader
from drawbridge.procore import Summary

CODE = "control_total"


@dataclass(frozen=True, slots=True)
class _Identity:
    """``left`` should equal one of ``readings``; None where Procore left out a member."""

    words: str
    left: Decimal | None
    readings: tuple[Decimal | None, ...]

    def difference(self) -> Decimal | None:
        """The smallest difference of all readings; None if the identity cannot be checked or holds."""
        left = self.left
        known = [reading for reading in self.readings if reading is not None]
        if left is None or not known:
            return None
        return min((left - reading for reading in known), key=abs) or None


def control_totals(summary: Summary, content: InvoiceContent, amounts: AmountReader) -> tuple[Warned, ...]:
    """Say which identities do not hold, and by how much.

    Raises:
        UnreadableInvoice: when a member of the summary is no number.
    """
    found: list[Warned] = []
    for identity in (*_form_identities(_Figures(summary, amounts)), *_content_identities(content)):
        difference = identity.difference()
        if difference is not None:
            words = f"{identity.words} does not hold; the difference is {difference:f}."
            found.append(Warned(code=CODE, message=words, difference=difference))
    return tuple(found)


class _Figures:
    """The summary's members as amounts; absent ones are None."""

    def __init__(self, summary: Summary, amounts: AmountReader) -> None:
        self._summary = summary
        self._amounts = amounts

    def __getitem__(self, member: str) -> Decimal | None:
        return self._amounts.optional(getattr(self._summary, member), f"summary.{member}")


def _form_identities(figures: _Figures) -> Iterator[_Identity]:
    earned = figures["total_earned_less_retainage"]
    contract_sum = figures["contract_sum_to_date"]
    retainage = figures["total_retainage"]
    yield _Identity(
        "contract sum to date = original contract sum + net change by change orders",
        contract_sum,
        (_plus(figures["original_contract_sum"], figures["net_change_by_change_orders"]),),
    )
    yield _Identity(
        "total retainage = retainage on work + retainage on stored materials",
        retainage,
        (_plus(figures["completed_work_retainage_amount"], figures["stored_materials_retainage_amount"]),),
    )
    yield _Identity(
        "total earned less retainage = total completed and stored - total retainage",
        earned,
        (_minus(figures["total_completed_and_stored_to_date"], retainage),),
    )
    due = _minus(earned, figures["less_previous_certificates_for_payment"])
    yield _Identity(
        "current payment due = total earned less retainage - previous certificates (+ tax)",
        figures["current_payment_due"],
        (due, _plus(due, figures["tax_applicable_to_this_payment"])),
    )
    yield _Identity(
        "balance to finish = contract sum to date - total earned less retainage",
        figures["balance_to_finish_including_retainage"],
        (_minus(contract_sum, earned),),
    )


def _content_identities(content: InvoiceContent) -> Iterator[_Identity]:
    header = content.header
    due = header.gross - header.retainage_held + header.retainage_released
    yield _Identity(
        "net due = gross - retainage held + retainage released (+ tax)",
        header.net_due,
        (due, due + header.tax),
    )
    total = sum((line.net for line in content.lines), ZERO)
    readings = (total, total + header.tax)
    yield _Identity("net due = sum of the lines (+ tax)", header.net_due, readings)


def _plus(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    return None if one is None or other is None else one + other


def _minus(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    return None if one is None or other is None else one - other
