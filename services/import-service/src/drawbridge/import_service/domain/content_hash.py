"""One hash for what matters of a Procore invoice.

The grid, queue documents, imports and refreshes all compare it. It covers what becomes the content of an
AP invoice; not the status, time stamps, addresses of files or what the reader may do.
"""

import hashlib
import json
from decimal import Decimal, InvalidOperation

from pydantic import BaseModel

from drawbridge.procore import Requisition, RequisitionItem, Summary

_HEADER = [
    "project_id",
    "commitment_id",
    "vendor_id",
    "vendor_name",
    "number",
    "invoice_number",
    "invoice_type",
    "requisition_start",
    "requisition_end",
    "billing_date",
    "final",
    "period_id",
]
_SUMMARY = [member for member in Summary.model_fields if member != "formatted_period"]
_ITEM_TEXTS = [
    "item_type",
    "line_item_id",
    "detail_line_item_id",
    "cost_code_id",
    "position",
    "description_of_work",
    "uom",
]
_ITEM_AMOUNTS = [
    "net_amount",
    "scheduled_value",
    "work_completed_this_period",
    "materials_presently_stored",
    "materials_presently_stored_from_previous_progress",
    "materials_moved",
    "work_completed_retainage_retained_this_period",
    "work_completed_retainage_released_this_period",
    "materials_stored_retainage_new_materials",
    "materials_stored_retainage_released_this_period",
    "scheduled_unit_price",
    "work_completed_this_period_quantity",
]


def content_hash(requisition: Requisition) -> str:
    """A hash that is equal exactly when the content is: "10.0", 10 and "10.00" are one amount."""
    currency = requisition.currency_configuration
    items = sorted(requisition.items or (), key=lambda item: (item.position or 0, item.id or 0))
    facts = {
        "header": _texts(requisition, _HEADER),
        "currency": currency.currency_iso_code if currency else None,
        "summary": _amounts(requisition.summary, _SUMMARY) if requisition.summary else None,
        "items": [_item(item) for item in items],
        "attachments": sorted(f"{each.id} {each.filename}" for each in requisition.attachments or ()),
    }
    canonical = json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _item(item: RequisitionItem) -> list[str | None]:
    wbs = item.wbs_code.flat_code if item.wbs_code else None
    taxes = ",".join(f"{tax.tax_code_id}:{_amount(tax.tax_code_rate)}" for tax in item.taxes or ())
    return [*_texts(item, _ITEM_TEXTS), *_amounts(item, _ITEM_AMOUNTS), wbs, taxes]


def _texts(part: BaseModel, members: list[str]) -> list[str | None]:
    return [_text(getattr(part, member)) for member in members]


def _amounts(part: BaseModel, members: list[str]) -> list[str | None]:
    return [_amount(getattr(part, member)) for member in members]


def _text(value: object) -> str | None:
    """The value as text; blank and absent are the same."""
    return ("" if value is None else str(value).strip()) or None


def _amount(value: object) -> str | None:
    """A number without meaningless zeros; what is no number stays as it is."""
    text = _text(value)
    try:
        number = Decimal(text or "")
    except InvalidOperation:
        return text
    return format(number.normalize() + 0, "f") if number.is_finite() else text
