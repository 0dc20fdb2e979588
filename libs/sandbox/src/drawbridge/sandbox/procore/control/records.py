"""What the double knows: its facts, its own ledger of writes, and payments typed by hand."""

from decimal import Decimal
from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import BaseModel, StringConstraints

from drawbridge.sandbox.procore.payments import PaymentDraft, issue_payment, sync_with_erp
from drawbridge.sandbox.procore.problems import not_found
from drawbridge.sandbox.procore.queries import Double
from drawbridge.sandbox.procore.state import PaymentRow, Procore, WriteRecord
from drawbridge.sandbox.procore.values import Record

router = APIRouter(prefix="/control")


class TypedPayment(BaseModel):
    """A payment that a Procore user types by hand into a commitment's *Payments Issued* tab."""

    contract_id: int
    amount: Decimal
    date: str | None = None
    check_number: str | None = None
    requisition_id: int | None = None
    invoice_number: str | None = None
    payment_method: str | None = "check"
    notes: str | None = None
    created_by: Annotated[str, StringConstraints(min_length=1)] = "Pat Moreno (Procore user)"


@router.get("/facts")
async def show_facts(procore: Double) -> Record:
    """Ids of the special invoices of the seed, and of the payment typed by hand."""
    return procore.facts


@router.get("/writes")
async def list_writes(procore: Double) -> list[WriteRecord]:
    """Every write received, and whether and when it was applied, also where the answer was dropped."""
    return procore.writes


@router.get("/contract-payments")
async def list_payments(procore: Double) -> list[Record]:
    """Every contract payment of the company, with who made it and the members that the API hides."""
    return [_payment(row) for row in procore.payments.values()]


@router.post("/contract-payments", status_code=201)
async def type_payment(payment: TypedPayment, procore: Double) -> Record:
    """Type a payment by hand."""
    if payment.contract_id not in procore.contracts:
        raise not_found("Contract")
    draft = PaymentDraft(
        commitment_id=payment.contract_id,
        amount=str(payment.amount),
        date=payment.date,
        check_number=payment.check_number,
        requisition_id=payment.requisition_id,
        invoice_number=payment.invoice_number,
        payment_method=payment.payment_method,
        notes=payment.notes,
    )
    return _payment(issue_payment(procore, draft, payment.created_by))


@router.post("/contract-payments/{payment_id}/lock")
async def lock_payment(payment_id: int, procore: Double) -> Record:
    """Let another connector sync the payment with an ERP: Procore neither changes nor deletes it any more."""
    row = _found(procore, payment_id)
    sync_with_erp(row)
    return _payment(row)


@router.put("/negative-payments/{answer}", status_code=204)
async def answer_negative(answer: Literal["accepted", "refused"], procore: Double) -> None:
    """Say whether contract payments below zero are accepted."""
    procore.negative_payments = answer == "accepted"


def _found(procore: Procore, payment_id: int) -> PaymentRow:
    if payment_id not in procore.payments:
        raise not_found("ContractPayment")
    return procore.payments[payment_id]


def _payment(row: PaymentRow) -> Record:
    return row.public | {
        "created_by": row.created_by,
        "payment_method": row.payment_method,
        "invoice_date": row.invoice_date,
    }
