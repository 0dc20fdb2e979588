"""Between our words and Procore's: drafts to send, rows as listed, refusals as problems."""

from drawbridge.contracts.errors import Problem
from drawbridge.payment_backfiller.domain.draft import Draft
from drawbridge.payment_backfiller.domain.listing import Row
from drawbridge.payment_backfiller.domain.money import tidy
from drawbridge.procore import (
    ContractPayment,
    ContractPaymentChange,
    ContractPaymentDraft,
    ProcoreProblem,
    UnreadableAmount,
    decimal_or_none,
)


def row_of(payment: ContractPayment) -> Row:
    """A listed payment; an amount that is no number stays unknown."""
    try:
        amount = decimal_or_none(payment.amount, "amount")
    except UnreadableAmount:
        amount = None
    return Row(
        id=payment.id,
        amount=amount,
        date=payment.date,
        check_number=payment.check_number,
        requisition_id=payment.requisition_id,
        invoice_number=payment.invoice_number,
        notes=payment.notes or "",
        origin_id=payment.origin_id,
        created_at=payment.created_at,
    )


def to_create(draft: Draft, origin_id: str | None) -> ContractPaymentDraft:
    """What to POST. The payment number stays empty: users renumber it."""
    return ContractPaymentDraft(
        date=draft.date,
        amount=tidy(draft.amount),
        check_number=draft.check_number,
        payment_method=draft.method,
        invoice_number=draft.invoice_number,
        requisition_id=draft.requisition_id,
        notes=draft.notes,
        origin_id=origin_id,
    )


def to_change(draft: Draft) -> ContractPaymentChange:
    """What to PATCH: everything that may have changed, and never the ``origin_id``, which would lock it."""
    return ContractPaymentChange(
        date=draft.date,
        amount=tidy(draft.amount),
        check_number=draft.check_number,
        payment_method=draft.method,
        invoice_number=draft.invoice_number,
        requisition_id=draft.requisition_id,
        notes=draft.notes,
    )


def refusal(problem: ProcoreProblem, doing: str) -> Problem:
    """A refusal in words for the person who must act in Procore."""
    return Problem(
        code=problem.code,
        message=f"Procore refused to {doing} the contract payment: {problem.message}",
        advice=problem.advice or "Do it in Procore by hand, then run the job again.",
    )


def shows_otherwise(draft: Draft, row: Row) -> Problem:
    """Procore said yes, but shows something else."""
    return Problem(
        code="read_back_differs",
        message=f"Procore accepted {draft.amount} of {draft.date} but shows {row.amount} of {row.date}.",
        advice=f"Look at contract payment {row.id} in Procore, correct it there, then run the job again.",
    )
