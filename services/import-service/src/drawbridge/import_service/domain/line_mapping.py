"""The lines of a Procore invoice."""

from collections.abc import Sequence
from decimal import Decimal

from drawbridge.contracts.invoices import InvoiceLine, LineKind
from drawbridge.import_service.domain.amounts import ZERO, AmountReader
from drawbridge.import_service.domain.content_errors import UnreadableInvoice
from drawbridge.procore import RequisitionItem

_KINDS: dict[str, LineKind] = {
    "contract_item": "contract_item",
    "contract_detail_item": "detail_item",
    "change_order_item": "change_order_item",
    "whole_change_order_item": "change_order_item",
}


def map_lines(items: Sequence[RequisitionItem], amounts: AmountReader) -> tuple[InvoiceLine, ...]:
    """Map all lines in Procore's order; ``position`` counts from 1.

    Raises:
        UnreadableInvoice: naming the line by its place in ``items`` and the member.
    """
    ordered = sorted(enumerate(items), key=lambda pair: (pair[1].position or 0, pair[0]))
    return tuple(
        _line(item, position, f"items[{place}]", amounts)
        for position, (place, item) in enumerate(ordered, start=1)
    )


def _line(item: RequisitionItem, position: int, path: str, amounts: AmountReader) -> InvoiceLine:
    line_id = item.detail_line_item_id or item.line_item_id or item.id
    if not line_id or line_id < 1:
        raise UnreadableInvoice(f"{path}.line_item_id", "nothing", "the id of a schedule-of-values line")
    kind = _KINDS.get((item.item_type or "contract_item").strip())
    if kind is None:
        raise UnreadableInvoice(f"{path}.item_type", repr(item.item_type), "a kind of line that is known")
    work = amounts.amount(item.work_completed_this_period, f"{path}.work_completed_this_period")
    materials = _new_materials(item, path, amounts)
    held, released = _retainage(item, path, amounts)
    tax = _tax(item, work + materials, path, amounts)
    net = amounts.optional(item.net_amount, f"{path}.net_amount")
    return InvoiceLine(
        procore_line_id=line_id,
        position=position,
        kind=kind,
        description=item.description_of_work or "",
        cost_code=_segment(item, "cost_code"),
        wbs_code=item.wbs_code.flat_code if item.wbs_code else None,
        cost_type=_segment(item, "line_item_type"),
        quantity=amounts.rate(
            item.work_completed_this_period_quantity, f"{path}.work_completed_this_period_quantity"
        ),
        unit=item.uom or None,
        unit_price=amounts.rate(item.scheduled_unit_price, f"{path}.scheduled_unit_price"),
        scheduled_value=amounts.amount(item.scheduled_value, f"{path}.scheduled_value"),
        work_this_period=work,
        materials_stored=materials,
        retainage_held=held,
        retainage_released=released,
        tax=tax,
        net=work + materials - held + released + tax if net is None else net,
    )


def _new_materials(item: RequisitionItem, path: str, amounts: AmountReader) -> Decimal:
    """Materials stored in this period: what is stored now, less what was there before and did not move on."""
    now = amounts.amount(item.materials_presently_stored, f"{path}.materials_presently_stored")
    before = amounts.amount(
        item.materials_presently_stored_from_previous_progress,
        f"{path}.materials_presently_stored_from_previous_progress",
    )
    moved = amounts.amount(item.materials_moved, f"{path}.materials_moved")
    return now - before + moved


def _retainage(item: RequisitionItem, path: str, amounts: AmountReader) -> tuple[Decimal, Decimal]:
    """Held and released on this invoice, of work and of materials."""
    held = ("work_completed_retainage_retained_this_period", "materials_stored_retainage_new_materials")
    released = (
        "work_completed_retainage_released_this_period",
        "materials_stored_retainage_released_this_period",
    )
    sums = [
        sum((amounts.amount(getattr(item, member), f"{path}.{member}") for member in members), ZERO)
        for members in (held, released)
    ]
    return sums[0], sums[1]


def _tax(item: RequisitionItem, base: Decimal, path: str, amounts: AmountReader) -> Decimal:
    """Procore shows a line's tax rates, not its tax: rate of work and materials of this period."""
    total = ZERO
    for place, tax in enumerate(item.taxes or ()):
        field = f"{path}.taxes[{place}].tax_code_rate"
        percentage = amounts.rate(tax.tax_code_rate, field)
        if percentage is not None:
            total += base * percentage / 100
    return amounts.calculated(total)


def _segment(item: RequisitionItem, segment_type: str) -> str | None:
    segments = (item.wbs_code.segment_items or ()) if item.wbs_code else ()
    return next((each.code for each in segments if each.segment_type == segment_type and each.code), None)
