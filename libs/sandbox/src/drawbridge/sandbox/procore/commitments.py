"""A commitment in the forms that Procore shows it."""

from drawbridge.sandbox.procore.invoices.contract import Contract
from drawbridge.sandbox.procore.invoices.items import DOLLARS
from drawbridge.sandbox.procore.invoices.lines import Line
from drawbridge.sandbox.procore.state import Procore
from drawbridge.sandbox.procore.values import Record, decimal_text, percent_text, stamp

PAYMENT_MEMBERS = (
    "id",
    "amount",
    "check_number",
    "created_at",
    "date",
    "draw_request_number",
    "invoice_number",
    "notes",
    "payment_number",
    "attachments",
    "origin_id",
    "origin_data",
)


def list_record(contract: Contract) -> Record:
    """The thin form: no type, no totals; the vendor has a ``name``."""
    return {
        "id": contract.id,
        "title": contract.title,
        "number": contract.number,
        "status": "Approved",
        "description": f"{contract.title} for {contract.project['name']}",
        "executed": True,
        "delivery_date": None,
        "created_at": stamp(contract.created_at),
        "private": False,
        "vendor": {"id": contract.vendor["id"], "name": contract.vendor["name"]},
    }


def show_record(procore: Procore, contract: Contract) -> Record:
    """The full form, with its type and totals; no currency here, as at Procore."""
    total = contract.original_sum + contract.change_orders
    paid = procore.paid(contract.id)
    return {
        **list_record(contract),
        "type": contract.kind,
        "accounting_method": "unit" if contract.unit_based else "amount",
        "grand_total": decimal_text(contract.original_sum),
        "revised_contract": decimal_text(total),
        "approved_change_orders": decimal_text(contract.change_orders),
        "pending_change_orders": "0.0",
        "pending_revised_contract": decimal_text(total),
        "retainage_percent": decimal_text(contract.retainage),
        "total_payments": decimal_text(paid),
        "percentage_paid": percent_text(paid, total).removesuffix("%"),
        "remaining_balance_outstanding": decimal_text(total - paid),
        "requisition_number": str(contract.invoices),
        "updated_at": stamp(contract.created_at),
        "vendor": _vendor(contract),
        "line_items": [_line_item(line, position) for position, line in enumerate(contract.lines, start=1)],
        "change_order_packages": [],
        "change_order_requests": [],
        "potential_change_orders": [],
        "attachments": [],
        "payments_issued": _payments_issued(procore, contract),
    }


def contract_record(procore: Procore, contract: Contract) -> Record:
    """A subcontract or purchase order by itself: project and currency, but no ``type``."""
    record = show_record(procore, contract)
    del record["type"], record["requisition_number"]
    if contract.kind == "WorkOrderContract":
        del record["delivery_date"]
    return record | {
        "project": {"id": contract.project["id"], "name": contract.project["name"]},
        "currency_configuration": dict(DOLLARS),
        "requisitions_are_enabled": True,
        "draft_change_orders_amount": "0.0",
        "total_requisitions_amount": decimal_text(contract.certified),
        "total_draw_requests_amount": decimal_text(contract.certified),
        "origin_id": None,
        "origin_code": None,
        "origin_data": None,
    }


def _vendor(contract: Contract) -> Record:
    vendor = contract.vendor
    return {
        "id": vendor["id"],
        "company": vendor["name"],
        "origin_id": vendor["origin_id"],
        "origin_code": vendor["origin_code"],
        "origin_data": vendor["origin_data"],
    }


def _line_item(line: Line, position: int) -> Record:
    quantity = line.scheduled / line.unit_price if line.unit_price else None
    return {
        "id": line.id,
        "amount": decimal_text(line.scheduled),
        "quantity": decimal_text(quantity) if quantity is not None else None,
        "unit_cost": decimal_text(line.unit_price) if line.unit_price else None,
        "uom": line.uom,
        "description": line.description,
        "position": position,
        "wbs_code": {"id": line.code_id, "flat_code": f"{line.code}.S", "description": line.description},
    }


def _payments_issued(procore: Procore, contract: Contract) -> list[Record]:
    return [
        {name: row.public[name] for name in PAYMENT_MEMBERS} | {"currency_configuration": dict(DOLLARS)}
        for row in procore.payments_of(contract.id)
    ]
