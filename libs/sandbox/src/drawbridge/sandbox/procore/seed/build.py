"""Build the double's starting state: the same for the same seed, company and day."""

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from random import Random

from drawbridge.sandbox.procore.limits import RateLimits
from drawbridge.sandbox.procore.payments import PaymentDraft, issue_payment
from drawbridge.sandbox.procore.seed import script
from drawbridge.sandbox.procore.seed.billing import add_invoices
from drawbridge.sandbox.procore.seed.contracts import add_contracts
from drawbridge.sandbox.procore.seed.places import add_projects, add_vendors
from drawbridge.sandbox.procore.state import DEFAULT_CLIENTS, Procore, utc_now
from drawbridge.sandbox.procore.values import FIRST_ID, Record

DEFAULT_SEED = 7
HISTORY = timedelta(days=200)


def seeded_procore(
    seed: int = DEFAULT_SEED,
    *,
    company_id: int = FIRST_ID,
    clients: Mapping[str, str] | None = None,
    limits: RateLimits | None = None,
    today: date | None = None,
) -> Procore:
    """A company with projects, vendors, commitments, over 60 invoices and one hand-typed payment.

    ``clients`` maps client ids to secrets; billing dates count back from ``today`` (UTC).
    """
    today = today or utc_now().date()
    rng = Random(seed)  # noqa: S311 - made-up data must repeat, not resist guessing
    procore = Procore(
        company_id=company_id,
        clients=dict(clients or DEFAULT_CLIENTS),
        limits=limits or RateLimits(),
    )
    founded = datetime.combine(today - HISTORY, time(8), UTC)
    add_projects(procore, founded)
    add_vendors(procore, founded)
    add_contracts(procore, rng, founded)
    billed = add_invoices(procore, rng, today)
    break_requisition(procore, billed[script.BROKEN])
    payment = _type_payment(procore, billed[script.HAND_TYPED_PAYMENT])
    procore.facts = _facts(procore, billed) | {"hand_typed_payment": payment}
    return procore


def break_requisition(procore: Procore, record: Record) -> None:
    """Make a requisition's payment due and one item's amounts unreadable, until it is mended."""
    procore.whole[record["id"]] = {
        "summary": dict(record["summary"]),
        "items": [dict(item) for item in record["items"]],
    }
    record["summary"]["current_payment_due"] = script.UNREADABLE
    record["items"][0]["net_amount"] = script.UNREADABLE
    record["items"][0]["work_completed_this_period"] = script.UNREADABLE


def _type_payment(procore: Procore, record: Record) -> Record:
    draft = PaymentDraft(
        commitment_id=record["commitment_id"],
        amount=record["summary"]["current_payment_due"],
        check_number=script.HAND_TYPED_CHECK,
        date=record["billing_date"],
        requisition_id=record["id"],
        invoice_number=record["invoice_number"],
        payment_method="check",
    )
    row = issue_payment(procore, draft, created_by="Pat Moreno (Procore user)")
    row.public["created_at"] = row.public["updated_at"] = record["updated_at"]
    wanted = ("id", "contract_id", "requisition_id", "project_id", "check_number", "amount", "date")
    return {name: row.public[name] for name in wanted} | {"created_by": row.created_by}


def _facts(procore: Procore, billed: dict[tuple[int, int], Record]) -> Record:
    statuses = Counter(record["status"] for record in procore.requisitions.values())
    single = min(script.SINGLE_INVOICE)
    return {
        "company_id": procore.company_id,
        "project_ids": list(procore.projects),
        "active_project_ids": [p["id"] for p in procore.projects.values() if p["active"]],
        "broken_requisition_id": billed[script.BROKEN]["id"],
        "no_vendor_code_requisition_id": billed[single, 1]["id"],
        "no_vendor_code_vendor_id": billed[single, 1]["vendor_id"],
        "change_order_requisition_id": billed[script.NEW_CHANGE_ORDER]["id"],
        "negative_requisition_id": billed[script.NEGATIVE]["id"],
        "zero_requisition_id": billed[script.NOTHING_BILLED]["id"],
        "retainage_release_requisition_id": billed[script.RETAINAGE_RELEASE]["id"],
        "mixed_requisition_id": billed[script.MIXED]["id"],
        "stored_materials_requisition_id": billed[script.STORED_MATERIALS]["id"],
        "blank_number_requisition_ids": [billed[script.BLANK_NUMBER]["id"], billed[script.NO_NUMBER]["id"]],
        "duplicate_number_requisition_ids": [billed[key]["id"] for key in script.SAME_NUMBER],
        "taxed_requisition_ids": [r["id"] for (i, _), r in billed.items() if i in script.TAXED],
        "requisitions_by_status": dict(statuses),
    }
