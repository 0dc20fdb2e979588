"""Codes that an invoice's lines refer to and do not spell out: cost codes, budget codes and rates of tax.

Most lines spell everything out, so nothing is asked for that no line lacks.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from drawbridge.procore import (
    BudgetCode,
    CostCode,
    ItemTax,
    Requisition,
    RequisitionItem,
    SegmentItem,
    TaxCode,
    WbsCode,
)


@dataclass(frozen=True, slots=True)
class Lacking:
    """Ids of codes that lines name without saying what they are."""

    cost_codes: frozenset[int]
    budget_codes: frozenset[int]
    tax_codes: frozenset[int]


@dataclass(frozen=True, slots=True)
class Codes:
    """What is known of them, by id."""

    cost_codes: Mapping[int, CostCode] = field(default_factory=dict)
    budget_codes: Mapping[int, BudgetCode] = field(default_factory=dict)
    tax_codes: Mapping[int, TaxCode] = field(default_factory=dict)


def lacking(requisition: Requisition) -> Lacking:
    """What must be looked up to understand the lines."""
    items = requisition.items or ()
    taxes = [tax for item in items for tax in item.taxes or ()]
    return Lacking(
        frozenset(item.cost_code_id for item in items if item.cost_code_id and item.wbs_code is None),
        frozenset(
            item.wbs_code.id
            for item in items
            if item.wbs_code and item.wbs_code.id and not item.wbs_code.flat_code
        ),
        frozenset(tax.tax_code_id for tax in taxes if tax.tax_code_id and _has_no_rate(tax)),
    )


def spelled_out(requisition: Requisition, codes: Codes) -> Requisition:
    """The same invoice with its lines' codes filled in; its original stays as it is."""
    if requisition.items is None:
        return requisition
    return requisition.model_copy(update={"items": [_item(item, codes) for item in requisition.items]})


def _item(item: RequisitionItem, codes: Codes) -> RequisitionItem:
    taxes = None if item.taxes is None else [_tax(tax, codes) for tax in item.taxes]
    return item.model_copy(update={"wbs_code": _wbs_code(item, codes), "taxes": taxes})


def _wbs_code(item: RequisitionItem, codes: Codes) -> WbsCode | None:
    wbs = item.wbs_code
    if wbs is None:
        found = codes.cost_codes.get(item.cost_code_id or 0)
        if found is None:
            return None
        segment = SegmentItem(id=found.id, code=found.full_code or found.code, segment_type="cost_code")
        return WbsCode(segment_items=[segment])
    known = codes.budget_codes.get(wbs.id or 0)
    if known is None or wbs.flat_code:
        return wbs
    return wbs.model_copy(update={"flat_code": known.flat_code, "description": known.description})


def _tax(tax: ItemTax, codes: Codes) -> ItemTax:
    known = codes.tax_codes.get(tax.tax_code_id or 0)
    if known is None or not _has_no_rate(tax):
        return tax
    return tax.model_copy(update={"tax_code_rate": known.rate1, "tax_code_name": known.code})


def _has_no_rate(tax: ItemTax) -> bool:
    return not (tax.tax_code_rate or "").strip()
