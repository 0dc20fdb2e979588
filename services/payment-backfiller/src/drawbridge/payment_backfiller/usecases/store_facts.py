"""Store what the ledger says; returns the bills that it touches, for `settle_bills`."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from drawbridge.ledgers import Allocation, Bill, LedgerPayment, PaymentFacts, Unreadable
from drawbridge.payment_backfiller.domain.allocation import allocation_id
from drawbridge.payment_backfiller.domain.numbers import vendor_key
from drawbridge.payment_backfiller.store.bills import (
    known_bills,
    upsert_bills,
    void_missing_bills,
    voided_bills,
)
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


@dataclass(frozen=True, slots=True)
class Touched:
    """The bills that an answer is about, and those of them of which something is new or different.

    ``to_match`` are those whose tie may be another one now: by their own facts, or because they are voided.
    """

    bills: frozenset[str]
    changed: frozenset[str]
    to_match: frozenset[str]


async def store_facts(tx: Transaction, vault_id: str, facts: LedgerFacts) -> Touched:
    """Upsert bills, payments and allocations; what the ledger no longer has is marked, never deleted."""
    told = Told(vault_id, facts.ledger, facts.read_at)
    bills = {bill.id: bill for bill in facts.bills}
    to_match = set(await upsert_bills(tx.session, told, [_bill(bill) for bill in bills.values()]))
    missing = set(facts.complete_bills) - set(bills)
    to_match |= set(await void_missing_bills(tx.session, told, missing)) if missing else set()
    changed = set(to_match)
    paid = {entry.payment.id: entry for entry in facts.payments}
    new = await upsert_payments(tx.session, told, [_payment(entry.payment) for entry in paid.values()])
    changed |= {each.bill_id for payment_id in new for each in paid[payment_id].allocations}
    mentioned = {each.bill_id for entry in paid.values() for each in entry.allocations}
    known = await known_bills(tx.session, vault_id, mentioned)
    rows = {
        row[0]: row
        for entry in paid.values()
        for each in entry.allocations
        if each.bill_id in known
        for row in [_allocation(told, each)]
    }
    new_parts = await upsert_allocations(tx.session, told, list(rows.values()))
    changed |= {rows[allocation][_BILL_ID] for allocation in new_parts}
    changed |= await mark_gone(
        tx.session, told, payment_ids=set(paid), bill_ids=set(facts.complete_bills), present=set(rows)
    )
    to_match |= await voided_bills(tx.session, vault_id, changed)
    touched = set(bills) | missing | known | changed
    return Touched(frozenset(touched), frozenset(changed), frozenset(to_match))


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
