"""What a ledger knows, in Drawbridge's words: bills, payments and the allocations that tie them.

What a ledger has millions of is a tuple: it is made in a tenth of the time that a frozen class takes.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Literal, NamedTuple

from drawbridge.ledgers.texts import storable

PaymentMethod = Literal["check", "credit_card", "electronic"]
"""Everything electronic that is no card is ``electronic`` (product rules, Payments)."""

PaymentState = Literal["posted", "unposted", "voided"]
"""Only ``posted`` payments count; a printed but unposted check is ``unposted``."""


class Bill(NamedTuple):
    """A bill in the ledger. ``balance`` is what is open, ``retainage`` what the ledger still holds on it."""

    id: str
    vendor_code: str
    invoice_number: str
    total: Decimal
    paid: Decimal
    balance: Decimal
    retainage: Decimal
    voided: bool
    currency: str
    date: date | None


@dataclass(frozen=True, slots=True)
class BillKey:
    """How to find a bill: by the ledger's own id, or by vendor and invoice number, or both."""

    vendor_code: str | None = None
    invoice_number: str | None = None
    bill_id: str | None = None


class LedgerPayment(NamedTuple):
    """A check, ACH or card payment. ``id`` is its identity; ``number`` repeats by bank and after a re-issue.

    ``changed_at`` is UTC, or ``None`` where the ledger stamps nothing.
    """

    id: str
    number: str | None
    date: date
    method: PaymentMethod
    bank_account: str | None
    currency: str
    state: PaymentState
    vendor_code: str
    payee: str | None
    joint_payee: str | None
    changed_at: datetime | None

    @property
    def posted(self) -> bool:
        """Whether the payment counts."""
        return self.state == "posted"


class Allocation(NamedTuple):
    """The part of a payment that settles one bill; identity is (payment id, bill id).

    Amounts are summed over all of the ledger's rows for the pair, reversals included. ``cash`` alone is
    what reached the vendor; ``discount`` and ``credit`` close the bill without cash.
    """

    payment_id: str
    bill_id: str
    cash: Decimal
    discount: Decimal
    credit: Decimal
    currency: str


class PaymentFacts(NamedTuple):
    """A payment with all of its allocations. A voided payment pays nothing, whatever its allocations say."""

    payment: LedgerPayment
    allocations: tuple[Allocation, ...]


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Something in the ledger that does not make sense, by its identity, with the reason in one sentence.

    ``id`` is a payment's or bill's id, or a file's name. ``bill_ids`` are the bills that it touches, as far
    as they can be told: nothing may be concluded about what is missing on them. What cannot be stored of
    these texts is replaced.
    """

    kind: Literal["payment", "bill", "file"]
    id: str
    reason: str
    bill_ids: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Replace what cannot be stored."""
        object.__setattr__(self, "id", storable(self.id))
        object.__setattr__(self, "reason", storable(self.reason))
        object.__setattr__(self, "bill_ids", tuple(map(storable, self.bill_ids)))

    def __str__(self) -> str:
        return f"The {self.kind} {self.id!r} in the ledger cannot be read: {self.reason}."


@dataclass(frozen=True, slots=True)
class PaymentBatch:
    """Some payments, oldest change first; ``cursor`` is the latest change seen so far (UTC).

    A reader that stores ``cursor`` after each batch can stop anywhere and go on from there. What is
    ``unreadable`` holds the cursor at its own stamp, so that it is read again until somebody mends it.
    ``bills`` are told where they were read on the way, before the payments that settle them. ``read_at`` is
    when the ledger was asked, where that was long before the batch is told.
    """

    facts: tuple[PaymentFacts, ...]
    cursor: datetime | None
    unreadable: tuple[Unreadable, ...] = ()
    bills: tuple[Bill, ...] = ()
    read_at: datetime | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a ledger can tell, so that nothing is concluded from what it cannot.

    ``invoice_number_length``: after how many characters it cuts invoice numbers, or ``None``.
    ``retainage``: whether a bill tells what is still held on it; where not, it is always 0.
    """

    invoice_number_length: int | None = None
    retainage: bool = True


@dataclass(frozen=True, slots=True)
class Sample:
    """The outcome of a trial reading: how much there is, the first of it, and every complaint."""

    payment_rows: int
    bill_rows: int
    payments: tuple[PaymentFacts, ...]
    bills: tuple[Bill, ...]
    unreadable: tuple[Unreadable, ...]
