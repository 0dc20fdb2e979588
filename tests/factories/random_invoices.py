"""Random Procore invoices of eight lines, as text on the wire, with the figures that they were made from."""

import json
import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from random import Random
from typing import Any, Literal

from hypothesis import strategies as st

from tests.factories.requisitions import raw_requisition

LINES = 8
ZERO = Decimal(0)
CENT = Decimal("0.01")
BARE = "bare:"
"""Marks a text that stands on the wire as a bare number."""

type TaxVariant = Literal["in_due_and_lines", "in_due_only", "in_neither"]

_cents = st.integers(-(10**12), 10**12).map(lambda cents: Decimal(cents).scaleb(-2))
_rates = st.integers(0, 250_000).map(lambda rate: Decimal(rate).scaleb(-4))
_texts = st.text(st.characters(codec="utf-8"), max_size=20)


@dataclass(frozen=True)
class RandomLine:
    """The figures of one line, in whole cents; the tax rate in per cent."""

    work: Decimal
    materials: Decimal
    stored_before: Decimal
    moved: Decimal
    held: tuple[Decimal, Decimal]
    released: tuple[Decimal, Decimal]
    scheduled: Decimal
    tax_rate: Decimal
    quantity: Decimal
    description: str

    @property
    def tax(self) -> Decimal:
        return ((self.work + self.materials) * self.tax_rate / 100).quantize(CENT, ROUND_HALF_UP)

    @property
    def net_before_tax(self) -> Decimal:
        return self.work + self.materials - sum(self.held) + sum(self.released)


@dataclass(frozen=True)
class RandomInvoice:
    """Eight lines, what was certified before, and where the tax is."""

    lines: tuple[RandomLine, ...]
    previous: Decimal
    completed: Decimal
    variant: TaxVariant

    @property
    def tax(self) -> Decimal:
        return sum((line.tax for line in self.lines), ZERO)

    @property
    def due(self) -> Decimal:
        before_tax = sum((line.net_before_tax for line in self.lines), ZERO)
        return before_tax if self.variant == "in_neither" else before_tax + self.tax

    def net(self, line: RandomLine) -> Decimal:
        return line.net_before_tax + (line.tax if self.variant == "in_due_and_lines" else ZERO)


def _lines() -> st.SearchStrategy[RandomLine]:
    return st.builds(
        RandomLine,
        work=_cents,
        materials=_cents,
        stored_before=_cents,
        moved=_cents,
        held=st.tuples(_cents, _cents),
        released=st.tuples(_cents, _cents),
        scheduled=_cents,
        tax_rate=_rates,
        quantity=_rates,
        description=_texts,
    )


def invoices() -> st.SearchStrategy[RandomInvoice]:
    """Invoices of every tax variant; amounts of up to ten billion, either sign."""
    variants: list[TaxVariant] = ["in_due_and_lines", "in_due_only", "in_neither"]
    return st.builds(
        RandomInvoice,
        lines=st.tuples(*[_lines()] * LINES),
        previous=_cents,
        completed=_cents,
        variant=st.sampled_from(variants),
    )


def on_the_wire(invoice: RandomInvoice, seed: int, due: Decimal | None = None) -> bytes:
    """The invoice as Procore might write it; each amount in any of the notations that it uses."""
    choices = Random(seed)

    def write(amount: Decimal) -> str:
        plain = f"{amount:.4f}"
        short = f"{amount.normalize():f}"
        notations = [plain, short, f"{plain}00", f" {plain} ", f"{amount:E}", BARE + short, BARE + plain]
        return choices.choice(notations)

    raw = raw_requisition()
    raw["summary"] |= {name: write(value) for name, value in _summary(invoice, due).items()}
    pattern = raw["items"][0]
    raw["items"] = [
        pattern | _item(line, place) | {n: write(v) for n, v in _amounts(invoice, line).items()}
        for place, line in enumerate(invoice.lines, start=1)
    ]
    return re.sub(rf'"{BARE}([^"]*)"', r"\1", json.dumps(raw)).encode()


def _summary(invoice: RandomInvoice, due: Decimal | None) -> dict[str, Decimal]:
    earned = invoice.previous + sum((line.net_before_tax for line in invoice.lines), ZERO)
    on_work, on_materials = invoice.completed - earned - 1, Decimal(1)
    original, changes = invoice.completed * 2, invoice.previous
    return {
        "original_contract_sum": original,
        "net_change_by_change_orders": changes,
        "contract_sum_to_date": original + changes,
        "total_completed_and_stored_to_date": invoice.completed,
        "completed_work_retainage_amount": on_work,
        "stored_materials_retainage_amount": on_materials,
        "total_retainage": on_work + on_materials,
        "total_earned_less_retainage": earned,
        "less_previous_certificates_for_payment": invoice.previous,
        "tax_applicable_to_this_payment": invoice.tax,
        "current_payment_due": invoice.due if due is None else due,
        "balance_to_finish_including_retainage": original + changes - earned,
    }


def _amounts(invoice: RandomInvoice, line: RandomLine) -> dict[str, Decimal]:
    return {
        "net_amount": invoice.net(line),
        "scheduled_value": line.scheduled,
        "work_completed_this_period": line.work,
        "materials_presently_stored": line.stored_before - line.moved + line.materials,
        "materials_presently_stored_from_previous_progress": line.stored_before,
        "materials_moved": line.moved,
        "work_completed_retainage_retained_this_period": line.held[0],
        "materials_stored_retainage_new_materials": line.held[1],
        "work_completed_retainage_released_this_period": line.released[0],
        "materials_stored_retainage_released_this_period": line.released[1],
        "work_completed_this_period_quantity": line.quantity,
    }


def _item(line: RandomLine, place: int) -> dict[str, Any]:
    taxes = [{"tax_code_id": 1, "tax_code_name": "Tax", "tax_code_rate": f"{BARE}{line.tax_rate:f}"}]
    return {
        "id": place,
        "line_item_id": 100 + place,
        "position": place,
        "description_of_work": line.description,
        "taxes": taxes if line.tax_rate else [],
    }
