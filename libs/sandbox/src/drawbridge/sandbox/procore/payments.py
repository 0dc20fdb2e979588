"""Contract payments: the rows of a commitment's *Payments Issued* tab, and Procore's rules for them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from drawbridge.sandbox.procore.problems import duplicate, invalid
from drawbridge.sandbox.procore.state import PaymentRow, Procore
from drawbridge.sandbox.procore.values import Record, decimal_text, read_date, read_decimal, stamp

METHODS = frozenset({"check", "credit_card", "electronic"})
WRITABLE = frozenset(
    {
        "date",
        "invoice_number",
        "check_number",
        "invoice_date",
        "draw_request_number",
        "notes",
        "payment_number",
        "payment_method",
        "amount",
        "origin_id",
        "origin_data",
        "requisition_id",
    }
)
"""Everything else in a write is ignored without a word, ``status`` included."""
NEVER_SHOWN = frozenset({"payment_method", "invoice_date"})
OPEN_WHEN_LOCKED = frozenset({"origin_id", "origin_data", "attachments"})
LOCKED = "The Contract Payment cannot be edited or deleted because it is synced with an ERP system"


@dataclass(frozen=True)
class PaymentDraft:
    """A payment to be issued on a commitment; amounts and dates as text, as they arrive."""

    commitment_id: int
    amount: object = None
    date: object = None
    check_number: str | None = None
    requisition_id: int | None = None
    invoice_number: str | None = None
    payment_method: str | None = None
    notes: str | None = None
    origin_id: str | None = None


def issue_payment(procore: Procore, draft: PaymentDraft, created_by: str) -> PaymentRow:
    """Issue a payment from a draft. Raises ProcoreProblem as `create_payment`."""
    members = {name: getattr(draft, name) for name in WRITABLE if getattr(draft, name, None) is not None}
    return create_payment(procore, draft.commitment_id, members, created_by)


def create_payment(
    procore: Procore, commitment_id: int, sent: Mapping[str, Any], created_by: str
) -> PaymentRow:
    """Add a payment. Raises ProcoreProblem 422 (unreadable member) or 409 (``origin_id`` taken)."""
    now = stamp(procore.now())
    public: Record = {
        "id": 0,
        "contract_id": commitment_id,
        "project_id": procore.contracts[commitment_id].project["id"],
        "amount": "0.0",
        "check_number": None,
        "date": None,
        "date_payment_settled": None,
        "date_payment_initiated": None,
        "draw_request_number": None,
        "external_payment_id": None,
        "invoice_number": None,
        "notes": None,
        "payment_number": len(procore.payments_of(commitment_id)) + 1,
        "attachments": [],
        "requisition_id": None,
        "origin_id": None,
        "origin_code": None,
        "origin_data": None,
        "status": "unpaid",
        "created_at": now,
        "updated_at": now,
    }
    row = PaymentRow(public, created_by)
    _write(procore, row, sent)
    public["id"] = procore.ids.next("payment")
    procore.payments[public["id"]] = row
    return row


def change_payment(procore: Procore, row: PaymentRow, sent: Mapping[str, Any]) -> None:
    """Change a payment. Raises ProcoreProblem 422 where an ``origin_id`` has locked it."""
    touched = {name for name in sent if name in WRITABLE} - OPEN_WHEN_LOCKED
    if row.public["origin_id"] and touched:
        raise invalid("base", LOCKED)
    _write(procore, row, sent)
    row.public["updated_at"] = stamp(procore.now())


def delete_payment(procore: Procore, row: PaymentRow) -> None:
    """Remove a payment. Raises ProcoreProblem 422 where an ``origin_id`` has locked it."""
    if row.public["origin_id"]:
        raise invalid("base", LOCKED)
    del procore.payments[row.public["id"]]


def sync_with_erp(row: PaymentRow) -> None:
    """Let another connector take the payment over: its ``origin_id`` locks it."""
    row.public["origin_id"] = f"erp-{row.public['id']}"


def _write(procore: Procore, row: PaymentRow, sent: Mapping[str, Any]) -> None:
    readers: dict[str, Callable[[Any], Any]] = {
        "amount": _amount,
        "date": _date,
        "invoice_date": _date,
        "payment_method": _method,
    }
    values = {name: readers.get(name, _as_sent)(sent[name]) for name in WRITABLE & sent.keys()}
    _check_amount(procore, values.get("amount"))
    _check_requisition(procore, row, values.get("requisition_id"))
    _check_origin(procore, row, values.get("origin_id"))
    row.payment_method = values.get("payment_method", row.payment_method)
    row.invoice_date = values.get("invoice_date", row.invoice_date)
    row.public.update({name: value for name, value in values.items() if name not in NEVER_SHOWN})


def _as_sent(value: object) -> object:
    return value


def _date(value: object) -> str | None:
    return read_date(value)


def _amount(value: object) -> str:
    number: Decimal | None = read_decimal(value)
    if number is None:
        raise invalid("amount", "is not a number")
    return decimal_text(number)


def _method(value: object) -> str | None:
    if value is not None and value not in METHODS:
        raise invalid("payment_method", "is not included in the list")
    return None if value is None else str(value)


def _check_amount(procore: Procore, amount: str | None) -> None:
    if amount is not None and not procore.negative_payments and Decimal(amount) < 0:
        raise invalid("amount", "must be greater than or equal to 0")


def _check_requisition(procore: Procore, row: PaymentRow, requisition_id: object) -> None:
    if requisition_id is None:
        return
    requisition = procore.requisitions.get(requisition_id) if isinstance(requisition_id, int) else None
    if requisition is None or requisition["commitment_id"] != row.public["contract_id"]:
        raise invalid("requisition_id", "does not belong to this contract")


def _check_origin(procore: Procore, row: PaymentRow, origin_id: object) -> None:
    others = (other for other in procore.payments.values() if other is not row)
    if origin_id and any(other.public["origin_id"] == origin_id for other in others):
        raise duplicate("origin_id")
