"""What Procore users do to invoices: approve, change, delete, bill another."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel

from drawbridge.sandbox.procore.invoices.contract import Contract, InvoicePlan
from drawbridge.sandbox.procore.invoices.correction import correct
from drawbridge.sandbox.procore.invoices.lines import Claim
from drawbridge.sandbox.procore.problems import declared, not_found
from drawbridge.sandbox.procore.queries import Double
from drawbridge.sandbox.procore.seed.billing import add_invoice
from drawbridge.sandbox.procore.seed.places import add_period
from drawbridge.sandbox.procore.state import Procore
from drawbridge.sandbox.procore.telling import tell
from drawbridge.sandbox.procore.values import Record, stamp

router = APIRouter(prefix="/control")


class NewInvoice(BaseModel):
    """The next invoice on a commitment of the project; on its first commitment where none is named."""

    commitment_id: int | None = None
    work: Decimal = Decimal("10000.00")
    """Gross amount billed this period, on the commitment's first line."""
    invoice_number: str | None = None
    billing_date: date | None = None
    status: str = "approved"


class Correction(BaseModel):
    """Work to add to the first line of an invoice; negative takes away."""

    work: Decimal


@router.get("/requisitions")
async def list_all(project_id: int, procore: Double) -> list[Record]:
    """All requisitions of a project with every member, in any status (no token needed)."""
    return [each for each in procore.requisitions.values() if each["project_id"] == project_id]


@router.get("/requisitions/{requisition_id}")
async def show(requisition_id: int, procore: Double) -> Record:
    """A requisition with every member, seen by its owner (no token needed)."""
    return _requisition(procore, requisition_id)


@router.post("/requisitions/{requisition_id}/correct")
async def correct_amount(requisition_id: int, correction: Correction, procore: Double) -> Record:
    """Change what was billed; unlike a bare change of members, all figures still tie."""
    record = _requisition(procore, requisition_id)
    if requisition_id in procore.whole:
        raise declared(400, "This requisition is broken; mend it first.")
    correct(record, correction.work)
    touch(procore, record)
    await tell(procore, record, "update")
    return record


@router.post("/requisitions/{requisition_id}/{action}")
async def act(
    requisition_id: int, action: Literal["approve", "unapprove", "mend", "delete"], procore: Double
) -> Record:
    """Do what a Procore user does; the time of change moves on."""
    record = _requisition(procore, requisition_id)
    if action == "delete":
        del procore.requisitions[requisition_id]
    elif action == "mend":
        record.update(procore.whole.pop(requisition_id, {}))
    else:
        record["status"] = "approved" if action == "approve" else "revise_and_resubmit"
    touch(procore, record)
    await tell(procore, record, "delete" if action == "delete" else "update")
    return record


@router.patch("/requisitions/{requisition_id}")
async def change(requisition_id: int, members: Record, procore: Double) -> Record:
    """Change members. ``summary`` is merged, ``items`` are merged by id, all else is replaced."""
    record = _requisition(procore, requisition_id)
    unknown = members.keys() - record.keys()
    if unknown:
        raise declared(400, f"A requisition has no member called {', '.join(sorted(unknown))}.")
    items = {item["id"]: item for item in record["items"]}
    changes = members.pop("items", [])
    if any(changed.get("id") not in items for changed in changes):
        raise declared(400, "Each changed item needs the id of an item of this requisition.")
    for changed in changes:
        items[changed["id"]].update(changed)
    record["summary"].update(members.pop("summary", {}))
    record.update(members)
    touch(procore, record)
    await tell(procore, record, "update")
    return record


@router.post("/projects/{project_id}/requisitions", status_code=201)
async def bill_another(project_id: int, invoice: NewInvoice, procore: Double) -> Record:
    """Bill the next invoice on a commitment; the figures tie as in the seed."""
    contract = _contract(procore, project_id, invoice.commitment_id)
    now = procore.now()
    billing_date = invoice.billing_date or now.date()
    plan = InvoicePlan(
        requisition_id=procore.ids.next("requisition"),
        billing_date=billing_date,
        period=add_period(procore, project_id, billing_date),
        created_at=now,
        updated_at=now,
        claims={contract.lines[0].id: Claim(work=invoice.work)},
        status=invoice.status,
        invoice_number=invoice.invoice_number or f"INV-{now:%y%m%d%H%M%S}",
    )
    record = add_invoice(procore, contract, plan)
    await tell(procore, record, "create")
    return record


@router.post("/{kind}/{record_id}/{action}", status_code=204)
async def set_visibility(
    kind: Literal["projects", "commitments"],
    record_id: int,
    action: Literal["hide", "show"],
    procore: Double,
) -> None:
    """Take a project or a commitment out of the app's sight, or put it back."""
    if record_id not in (procore.projects if kind == "projects" else procore.contracts):
        raise not_found(kind)
    if action == "hide":
        procore.hidden.add(record_id)
    else:
        procore.hidden.discard(record_id)


def touch(procore: Procore, record: Record) -> None:
    """Move ``updated_at`` on, by a second at least."""
    now = stamp(procore.now())
    if now <= record["updated_at"]:
        now = stamp(procore.now() + timedelta(seconds=1))
    record["updated_at"] = now


def _requisition(procore: Procore, requisition_id: int) -> Record:
    record = procore.requisitions.get(requisition_id)
    if record is None:
        raise not_found("Billings::Requisition")
    return record


def _contract(procore: Procore, project_id: int, commitment_id: int | None) -> Contract:
    for contract in procore.contracts.values():
        if contract.project["id"] == project_id and commitment_id in {None, contract.id}:
            return contract
    raise not_found("Contract")
