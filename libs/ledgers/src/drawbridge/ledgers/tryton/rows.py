"""From Tryton's records to the rows that every ledger is read as."""

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

from drawbridge.ledgers.table import Raw
from drawbridge.ledgers.tryton.gathering import Gathered
from drawbridge.ledgers.tryton.names import debit, move_id, payment_id, stamp

_STATES = {"succeeded": "posted", "processing": "unposted", "failed": "voided"}
_NONE = Decimal(0)


def bill_row(bill: Raw) -> Raw:
    """The row of a bill. Tryton knows no retainage."""
    open_ = bill["amount_to_pay"] or _NONE
    return {
        "id": str(bill["id"]),
        "vendor_code": bill["party."]["code"],
        "invoice_number": bill["reference"],
        "total": bill["total_amount"],
        "paid": bill["total_amount"] - open_,
        "balance": open_,
        "retainage": _NONE,
        "voided": int(bill["state"] == "cancelled"),
        "date": bill["invoice_date"],
        "currency": bill["currency."]["code"],
    }


def allocation_row(bill: Raw, identity: str, **columns: object) -> Raw:
    """The row of what a payment gives to a bill; ``columns`` are those of the payment."""
    return {
        "payment_id": identity,
        "number": None,
        "method": "electronic",
        "bank_account": None,
        "state": "posted",
        "vendor_code": bill["party."]["code"],
        "payee": bill["party."]["name"],
        "joint_payee": None,
        "bill_id": str(bill["id"]),
        "cash": _NONE,
        "discount": _NONE,
        "credit": _NONE,
        "reversal_key": None,
        "currency": bill["currency."]["code"],
        **columns,
    }


def payment_rows(found: Gathered) -> Iterator[Raw]:
    """Payments as ``account.payment`` has them; one check over several bills is one payment."""
    checks: defaultdict[str, list[Raw]] = defaultdict(list)
    for payment in found.payments.values():
        if payment["line."]["move"] in found.owners:
            checks[payment_id(payment)].append(payment)
    for identity, parts in checks.items():
        states = {_STATES[part["state"]] for part in parts}
        state = next(each for each in ("posted", "unposted", "voided") if each in states)
        for part in parts:
            given = signed_amount(part)
            yield allocation_row(
                found.bills[found.owners[part["line."]["move"]]],
                identity,
                number=part["reference"],
                date=part["date"],
                changed_at=stamp(part),
                method=_method(part),
                state=state,
                bank_account=part["journal."]["name"],
                payee=part["party."]["name"],
                # A part that failed while the rest of the check stands gives its bill nothing.
                cash=given if _STATES[part["state"]] == state or given is None else _NONE,
            )


def direct_payment_rows(found: Gathered) -> Iterator[Raw]:
    """Payments that are entries alone: by the pay-invoice wizard or a bank statement."""
    for line in found.lines.values():
        bill = found.paid_by(line) if line["move"] in found.direct else None
        if bill is None or bill not in found.bills:
            continue
        move = found.moves[line["move"]]
        back = found.reversals.get(move["id"], [])
        # To tie an older entry to a bill changes the bill alone.
        changed = [move, *back, *([found.bills[bill]] if line["invoice_payments"] else [])]
        stamps = [each for each in map(stamp, changed) if each is not None]
        number = (move["description"] or "").strip()
        yield allocation_row(
            found.bills[bill],
            move_id(move["id"]),
            number=number or move["number"],
            date=move["date"],
            changed_at=max(stamps, default=None),
            method="check" if number.isdigit() else "electronic",
            state="voided" if back else "posted" if move["state"] == "posted" else "unposted",
            bank_account=move["journal."]["name"],
            cash=debit(line),
        )


def signed_amount(payment: Raw) -> Decimal | None:
    """What a payment gives to a bill; what a vendor gives back is negative."""
    amount: Decimal | None = payment["amount"]
    return -amount if amount is not None and payment["kind"] == "receivable" else amount


def _method(payment: Raw) -> str:
    """The reference of a payment that is processed by hand is its check number."""
    by_hand = payment["journal."]["process_method"] == "manual"
    return "check" if by_hand and payment["reference"] else "electronic"
