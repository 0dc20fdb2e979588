"""Rows as a preset's SELECTs return them."""

from datetime import date
from decimal import Decimal

PAYMENT_ROW: dict[str, object] = {
    "payment_id": "p",
    "number": "1",
    "date": date(2026, 3, 1),
    "method": "check",
    "bank_account": None,
    "state": "posted",
    "vendor_code": "V",
    "payee": None,
    "joint_payee": None,
    "changed_at": None,
    "bill_id": "b",
    "cash": Decimal(1),
    "discount": 0,
    "credit": 0,
    "reversal_key": None,
}
