"""A requisition as Procore sends it (v1.1, all members), and its views."""

from drawbridge.sandbox.procore.invoices.contract import Application
from drawbridge.sandbox.procore.invoices.items import DOLLARS, item_packages, item_record, tax_summary
from drawbridge.sandbox.procore.invoices.lines import ZERO
from drawbridge.sandbox.procore.invoices.summary import summary_record
from drawbridge.sandbox.procore.values import Ids, Record, decimal_text, percent_text, stamp

ITEMS = frozenset({"items", "item_packages"})
POLICY = frozenset({"action_policy"})
HEADER_EXTRAS = POLICY | {"tax_summary", "accounting_method", "summary_text"}
EVERYTHING = HEADER_EXTRAS | ITEMS

VIEWS: dict[str, frozenset[str]] = {
    "default": frozenset(),
    "items": ITEMS,
    "action_policy": POLICY,
    "header_only": HEADER_EXTRAS,
    "extended": EVERYTHING,
}
"""What each view adds to the header and its summary."""


def in_view(requisition: Record, view: str) -> Record:
    """The members of ``requisition`` that ``view`` shows. Raises KeyError for an unknown view."""
    left_out = EVERYTHING - VIEWS[view]
    return {name: value for name, value in requisition.items() if name not in left_out}


def requisition_record(application: Application, ids: Ids) -> Record:
    """Every member of a requisition, the widest view."""
    status = "no_action" if application.plan.status in {"draft", "under_review"} else "approved"
    items = [
        item_record(application.contract, progress, position, ids, status)
        for position, progress in enumerate(application.progress, start=1)
    ]
    record = {
        **_header(application),
        **_dates(application),
        **_people(application),
        "summary": summary_record(application),
        "tax_summary": tax_summary(application),
        "accounting_method": "unit" if application.contract.unit_based else "amount",
        "action_policy": _action_policy(),
        "items": items,
        "item_packages": item_packages(application.contract),
    }
    if not application.contract.simplified:
        record["summary_text"] = _summary_text(application)
    return record


def _header(application: Application) -> Record:
    contract, plan = application.contract, application.plan
    gross = sum((p.gross for p in application.progress), ZERO)
    to_date = sum((p.to_date for p in application.progress), ZERO)
    return {
        "id": plan.requisition_id,
        "previous_requisition_id": application.previous_requisition_id,
        "project_id": contract.project["id"],
        "commitment_id": contract.id,
        "commitment_type": contract.kind,
        "contract_name": f"{contract.number} - {contract.title}",
        "contract_invoicing_method": "simplified" if contract.simplified else "progressive",
        "vendor_id": contract.vendor["id"],
        "vendor_name": contract.vendor["name"],
        "period_id": plan.period["id"],
        "number": application.number,
        "invoice_number": plan.invoice_number,
        "invoice_type": plan.invoice_type,
        "status": plan.status,
        "erp_status": None,
        "final": plan.final,
        "deletable": True,
        "percent_complete": percent_text(to_date, contract.original_sum + contract.change_orders),
        "total_claimed_amount": decimal_text(gross),
        "origin_id": None,
        "origin_data": None,
        "move_materials_to_previous_work_completed": True,
        "currency_configuration": dict(DOLLARS),
        "custom_fields": {},
        "attachments": [_attachment(plan.requisition_id)],
    }


def _attachment(requisition_id: int) -> Record:
    name = f"pay-application-{requisition_id}.pdf"
    return {
        "id": requisition_id,
        "url": f"https://storage.invalid/{name}",
        "filename": name,
        "content_type": "application/pdf",
    }


def _dates(application: Application) -> Record:
    plan = application.plan
    billed = plan.billing_date.isoformat()
    return {
        "billing_date": billed,
        "requisition_start": plan.period["start_date"],
        "requisition_end": plan.period["end_date"],
        "submitted_at": None if plan.status == "draft" else billed,
        "payment_date": None,
        "created_at": stamp(plan.created_at),
        "updated_at": stamp(plan.updated_at),
    }


def _people(application: Application) -> Record:
    vendor = application.contract.vendor
    person = vendor["primary_contact"]
    contact = {
        "id": person["id"],
        "name": f"{person['first_name']} {person['last_name']}",
        "login": person["email_address"],
        "company_name": vendor["name"],
    }
    return {"created_by": contact, "subtiers_certified_by": None, "electronic_signature_id": None}


def _action_policy() -> Record:
    allowed = {"allowed": True, "tooltip": None}
    return {"controls": {"update": {"status": dict(allowed)}, "delete": dict(allowed)}}


def _summary_text(application: Application) -> Record:
    contract, plan = application.contract, application.plan
    vendor, project = contract.vendor, contract.project
    return {
        "project_name": project["name"],
        "project_number": project["project_number"],
        "to_general_contractor": project["company"]["name"],
        "requisition_period_start": plan.period["start_date"],
        "requisition_period_end": plan.period["end_date"],
        "subcontractor_name": vendor["name"],
        "subcontractor_street": vendor["address"],
        "subcontractor_city": vendor["city"],
        "subcontractor_state_code": vendor["state_code"],
        "subcontractor_zip": vendor["zip"],
        "subcontractor_country_code": vendor["country_code"],
        "application_number": str(application.number),
        "contract_for": contract.title,
        "contract_date": contract.created_at.date().isoformat(),
    }
