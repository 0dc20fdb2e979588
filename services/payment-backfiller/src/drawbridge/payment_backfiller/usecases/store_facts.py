"""Store what the ledger says; returns the bills that it touches, for `settle_bills`."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from drawbridge.ledgers import Allocation, Bill, LedgerPayment, PaymentFacts, Unreadable
from drawbridge.payment_backfiller.domain.allocation import allocation_id
from drawbridge.payment_backfiller.domain.numbers import vendor_key
from drawbridge.payment_backfiller.store.bills import upsert_bills, void_missing_bills
from drawbridge.payment_backfiller.store.ledger_payments import (
    ALLOCATION_FACTS,
    Told,
    mark_gone,
    upsert_allocations,
    upsert_payments,
)
from drawbridge.persistence import Transaction


@dataclass(frozen=True, slots=True)
class LedgerFacts:
    """One answer of the ledger, asked at ``read_at``.

    ``payments`` come with all of their allocations. ``complete_bills`` were asked for by id: all of their
    payments are here, and one that is not among ``bills`` no longer exists. What was ``unreadable`` is only
    reported; the bills that it touches are not complete.
    """

    ledger: str
    read_at: datetime
    bills: Sequence[Bill]
    payments: Sequence[PaymentFacts]
    complete_bills: Collection[str] = ()
    unreadable: Sequence[Unreadable] = ()

    def rows(self) -> dict[str, int]:
        """How many rows of each table they are."""
        allocations = sum(len(entry.allocations) for entry in self.payments)
        return {
            "bills": len(self.bills),
            "ledger_payments": len(self.payments),
            "allocations": allocations,
        }


@dataclass(frozen=True, slots=True)
class Touched:
    """What an answer touches: the bills of which something is new or different.

    ``bills`` are those of them that are new or different themselves. ``allocations`` are the bills of all
    allocations that were told, by the allocations' ids.
    """

    changed: frozenset[str]
    bills: frozenset[str]
    allocations: Mapping[str, str]


async def store_facts(tx: Transaction, vault_id: str, facts: LedgerFacts) -> Touched:
    """Upsert bills, payments and allocations; what the ledger no longer has is marked, never deleted."""
    told = Told(vault_id, facts.ledger, facts.read_at)
    bills = {bill.id: bill for bill in facts.bills}
    different = set((await upsert_bills(tx.session, told, [_bill(bill) for bill in bills.values()])).all)
    missing = set(facts.complete_bills) - set(bills)
    different |= set(await void_missing_bills(tx.session, told, missing)) if missing else set()
    paid = {entry.payment.id: entry for entry in facts.payments}
    payments = await upsert_payments(tx.session, told, [_payment(entry.payment) for entry in paid.values()])
    changed = different | {each.bill_id for written in payments.all for each in paid[written].allocations}
    rows = {
        row[0]: row
        for entry in paid.values()
        for each in entry.allocations
        for row in [_allocation(told, each)]
    }
    changed |= (await upsert_allocations(tx.session, told, list(rows.values()))).all
    before, complete = set(paid) - payments.new, set(facts.complete_bills)
    changed |= await mark_gone(tx.session, told, payment_ids=before, bill_ids=complete, present=rows)
    return Touched(
        frozenset(changed), frozenset(different), {id_: row[_BILL_ID] for id_, row in rows.items()}
    )


_BILL_ID = 1 + ALLOCATION_FACTS.index("bill_id")


def _bill(bill: Bill) -> tuple[Any, ...]:
    """In the order of `BILL_FACTS`."""
    return (
        bill.id,
        bill.vendor_code,
        vendor_key(bill.vendor_code),
        bill.invoice_number,
        bill.total,
        bill.retainage,
        bill.currency,
        bill.voided,
    )


def _payment(payment: LedgerPayment) -> tuple[Any, ...]:
    """In the order of `PAYMENT_FACTS`."""
    return (
        payment.id,
        payment.number,
        payment.date,
        payment.method,
        payment.bank_account,
        payment.payee,
        payment.joint_payee,
        payment.posted,
        payment.state == "voided",
    )


def _allocation(told: Told, allocation: Allocation) -> tuple[Any, ...]:
    """In the order of `ALLOCATION_FACTS`."""
    return (
        allocation_id(told.vault_id, told.ledger, allocation.payment_id, allocation.bill_id),
        allocation.payment_id,
        allocation.bill_id,
        allocation.cash,
        allocation.discount,
        allocation.credit,
        allocation.currency,
        False,
    )
