"""The rows of dropped files: the columns of the SQL result shape, strictly read."""

import datetime as dt
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

type Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
type Money = Annotated[Decimal, Field(max_digits=20, decimal_places=4)]


class PaymentLine(BaseModel):
    """The part of a payment that settles one bill. A file gives each of its payments whole."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    payment_id: Text
    bill_id: Text
    vendor_code: Text
    date: dt.date
    method: Literal["check", "credit_card", "electronic"]
    cash: Money
    discount: Money = Decimal(0)
    credit: Money = Decimal(0)
    number: Text | None = None
    state: Literal["posted", "unposted", "voided"] = "posted"
    bank_account: Text | None = None
    payee: Text | None = None
    joint_payee: Text | None = None
    reversal_key: Text | None = None


class BillLine(BaseModel):
    """A bill; the latest file that names it is right."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Text
    vendor_code: Text
    invoice_number: Text
    total: Money
    paid: Money
    balance: Money
    retainage: Money = Decimal(0)
    voided: bool = False
    date: dt.date | None = None
