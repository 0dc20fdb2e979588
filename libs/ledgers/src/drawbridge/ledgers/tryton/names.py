"""Tryton's models and fields that are read, and how payments are named by them."""

from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from drawbridge.ledgers.table import Raw

BILL = "account.invoice"
PAYMENT = "account.payment"
MOVE = "account.move"
LINE = "account.move.line"
RECONCILIATION = "account.move.reconciliation"

BILL_FIELDS = (
    "state",
    "reference",
    "invoice_date",
    "total_amount",
    "amount_to_pay",
    "account",
    "move",
    "cancel_move",
    "additional_moves",
    "payment_lines",
    "create_date",
    "write_date",
    "currency.code",
    "party.code",
    "party.name",
)
PAYMENT_FIELDS = (
    "reference",
    "date",
    "amount",
    "kind",
    "state",
    "group",
    "party",
    "create_date",
    "write_date",
    "currency.code",
    "journal.name",
    "journal.process_method",
    "line",
    "line.move",
    "party.name",
)
MOVE_FIELDS = (
    "origin",
    "date",
    "number",
    "description",
    "state",
    "create_date",
    "write_date",
    "journal.name",
    "journal.type",
)
LINE_FIELDS = (
    "debit",
    "credit",
    "amount_second_currency",
    "account",
    "move",
    "reconciliation",
    "invoice_payments",
)
RECONCILIATION_FIELDS = ("date", "delegate_to", "create_date", "write_date")

BILLS = [("type", "=", "in"), ("state", "in", ["posted", "paid", "cancelled"])]
"""A draft owes nothing yet."""

PAYMENTS = [("line", "!=", None), ("state", "in", ["processing", "succeeded", "failed"])]
"""Before a payment is processed it is a wish; without a line it settles nothing."""


def payment_id(payment: Raw) -> str:
    """One check run pays many vendors, and one check many bills: the check is run, vendor and number."""
    if payment["group"] is None:
        return f"payment-{payment['id']}"
    return f"group-{payment['group']}/party-{payment['party']}/{payment['reference'] or ''}"


def move_id(move: int) -> str:
    """A payment that is known by its entry alone, as the pay-invoice wizard and bank statements make it."""
    return f"move-{move}"


def reconciliation_id(reconciliation: int) -> str:
    """What closed bills without cash: a credit memo that was applied, a write-off."""
    return f"reconciliation-{reconciliation}"


def stamp(record: Raw) -> datetime | None:
    """When a record changed last, in the server's own time."""
    found: datetime | None = record["write_date"] or record["create_date"]
    return found


def utc(moment: datetime | None, zone: ZoneInfo) -> datetime | None:
    """Stamps carry no zone."""
    return None if moment is None else moment.replace(tzinfo=zone).astimezone(UTC)


def debit(line: Raw) -> Decimal:
    """What a line takes off a vendor's account, in the currency of the bill; negative is what it adds."""
    foreign: Decimal | None = line["amount_second_currency"]
    amount: Decimal = line["debit"] - line["credit"] if foreign is None else foreign
    return amount


def origin(record: Raw, model: str) -> int | None:
    """The id of the record that a move came from, if it is of that model."""
    found, _, number = (record["origin"] or "").partition(",")
    return int(number) if found == model and number.isdigit() else None
