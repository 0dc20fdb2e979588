"""A ledger in memory that is read through the port, and whose entries are the model of a history."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import batched

from drawbridge.ledgers import (
    Allocation,
    Bill,
    BillKey,
    Capabilities,
    LedgerPayment,
    PaymentBatch,
    PaymentFacts,
    Sample,
    Unreadable,
)
from drawbridge.runtime import utc_now

ZERO = Decimal(0)
VENDOR = "V-1007"
_BATCH = 3


@dataclass
class Books:
    """Bills and payments; everything that changes is stamped with the time of the change."""

    bills_by_id: dict[str, Bill] = field(default_factory=dict)
    payments: dict[str, PaymentFacts] = field(default_factory=dict)
    name: str = "Books"
    capabilities: Capabilities = field(default_factory=Capabilities)

    def post_bill(self, bill_id: str, number: str, total: Decimal) -> None:
        """Enter a bill."""
        self.bills_by_id[bill_id] = Bill(
            id=bill_id,
            vendor_code=VENDOR,
            invoice_number=number,
            total=total,
            paid=ZERO,
            balance=total,
            retainage=ZERO,
            voided=False,
            currency="USD",
            date=None,
        )

    def pay(
        self, payment_id: str, number: str, day: date, parts: dict[str, tuple[Decimal, Decimal, Decimal]]
    ) -> None:
        """Enter a check: (cash, discount, credit) for each bill."""
        payment = LedgerPayment(
            id=payment_id,
            number=number,
            date=day,
            method="check",
            bank_account=None,
            currency="USD",
            state="posted",
            vendor_code=VENDOR,
            payee=None,
            joint_payee=None,
            changed_at=utc_now(),
        )
        allocations = tuple(
            Allocation(payment_id, bill_id, *amounts, currency="USD") for bill_id, amounts in parts.items()
        )
        self.payments[payment_id] = PaymentFacts(payment, allocations)

    def void(self, payment_id: str, shape: str) -> None:
        """Void a check by its state, by deleting it, or by rows that cancel it."""
        facts = self.payments[payment_id]
        if shape == "deletion":
            del self.payments[payment_id]
            return
        if shape == "state":
            voided = facts.payment._replace(state="voided", changed_at=utc_now())
            self.payments[payment_id] = facts._replace(payment=voided)
            return
        cancelled = (each._replace(cash=ZERO, discount=ZERO, credit=ZERO) for each in facts.allocations)
        self.change(payment_id, tuple(cancelled))

    def unvoid(self, facts: PaymentFacts) -> None:
        """Take a void back: the check is as it was before."""
        payment = facts.payment._replace(changed_at=utc_now())
        self.payments[facts.payment.id] = facts._replace(payment=payment)

    def change(self, payment_id: str, allocations: tuple[Allocation, ...]) -> None:
        """Edit what a check pays."""
        payment = self.payments[payment_id].payment._replace(changed_at=utc_now())
        self.payments[payment_id] = PaymentFacts(payment, allocations)

    async def payments_changed_since(
        self, cursor: datetime | None, overlap: timedelta
    ) -> AsyncIterator[PaymentBatch]:
        """The port."""
        since = cursor - overlap if cursor else None
        stamped = [(entry.payment.changed_at, entry) for entry in self.payments.values()]
        found = sorted(
            ((at, entry) for at, entry in stamped if at and (since is None or at >= since)),
            key=lambda each: each[0],
        )
        for chunk in batched(found, _BATCH):
            yield PaymentBatch(tuple(entry for _, entry in chunk), chunk[-1][0])

    async def allocations_for(
        self, bill_ids: Sequence[str], unreadable: list[Unreadable] | None = None
    ) -> list[PaymentFacts]:
        """The port."""
        del unreadable
        wanted = set(bill_ids)
        return [
            entry
            for entry in self.payments.values()
            if wanted & {allocation.bill_id for allocation in entry.allocations}
        ]

    async def bills(self, keys: Sequence[BillKey], unreadable: list[Unreadable] | None = None) -> list[Bill]:
        """The port."""
        del unreadable
        ids = [key.bill_id for key in keys if key.bill_id is not None]
        return [self.bills_by_id[bill_id] for bill_id in ids if bill_id in self.bills_by_id]

    async def bills_of_vendors(
        self, vendor_codes: Sequence[str], unreadable: list[Unreadable] | None = None
    ) -> list[Bill]:
        """The port."""
        del unreadable
        return [bill for bill in self.bills_by_id.values() if bill.vendor_code in vendor_codes]

    async def check(self, show: int = 5) -> Sample:
        """The port; no history needs it."""
        raise NotImplementedError(show)

    async def rest(self) -> None:
        """The port."""

    async def close(self) -> None:
        """The port."""


class OneLedger:
    """All names mean these books."""

    def __init__(self, books: Books) -> None:
        self._books = books

    def open(self, name: str) -> Books:
        """The books, whatever the name."""
        del name
        return self._books
