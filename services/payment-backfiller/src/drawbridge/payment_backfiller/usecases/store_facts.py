"""Store what the ledger says; returns the bills that it touches, for `settle_bills`."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from drawbridge.ledgers import Allocation, Bill, LedgerPayment, PaymentFacts, Unreadable
from drawbridge.payment_backfiller.domain.allocation import allocation_id
from drawbridge.payment_backfiller.domain.numbers import vendor_key
from drawbridge.payment_backfiller.store.bills import read_bills, upsert_bills, void_missing_bills
from drawbridge.payment_backfiller.store.fact_tables import BillRow, PaymentRow
from drawbridge.payment_backfiller.store.ledger_payments import (
    mark_gone,
    upsert_allocations,
    upsert_payments,
)
from drawbridge.payment_backfiller.store.write_tables import AllocationRow
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


async def store_facts(tx: Transaction, vault_id: str, facts: LedgerFacts) -> set[str]:
    """Upsert bills, payments and allocations; what the ledger no longer has is marked, never deleted."""
    await upsert_bills(tx.session, [_bill(vault_id, bill, facts.read_at) for bill in _unique(facts.bills)])
    missing = set(facts.complete_bills) - {bill.id for bill in facts.bills}
    await void_missing_bills(tx.session, vault_id, missing, facts.read_at)
    await upsert_payments(
        tx.session, [_payment(vault_id, entry.payment, facts.read_at) for entry in facts.payments]
    )
    mentioned = {each.bill_id for entry in facts.payments for each in entry.allocations}
    known = await read_bills(tx.session, vault_id, mentioned)
    rows = [
        _allocation(vault_id, facts, each)
        for entry in facts.payments
        for each in entry.allocations
        if each.bill_id in known
    ]
    await upsert_allocations(tx.session, rows)
    gone = await mark_gone(
        tx.session,
        vault_id,
        payment_ids={entry.payment.id for entry in facts.payments},
        bill_ids=set(facts.complete_bills),
        present={row.id for row in rows},
        read_at=facts.read_at,
    )
    return {bill.id for bill in facts.bills} | missing | set(known) | set(gone)


def _unique(bills: Iterable[Bill]) -> list[Bill]:
    return list({bill.id: bill for bill in bills}.values())


def _bill(vault_id: str, bill: Bill, read_at: datetime) -> BillRow:
    return BillRow(
        vault_id=vault_id,
        id=bill.id,
        vendor_code=bill.vendor_code,
        vendor_key=vendor_key(bill.vendor_code),
        invoice_number=bill.invoice_number,
        total=bill.total,
        retainage=bill.retainage,
        currency=bill.currency,
        voided=bill.voided,
        read_at=read_at,
        candidates=[],
        kept_apart=[],
    )


def _payment(vault_id: str, payment: LedgerPayment, read_at: datetime) -> PaymentRow:
    return PaymentRow(
        vault_id=vault_id,
        id=payment.id,
        number=payment.number,
        date=payment.date,
        method=payment.method,
        bank_account=payment.bank_account,
        payee=payment.payee,
        joint_payee=payment.joint_payee,
        posted=payment.posted,
        voided=payment.state == "voided",
        read_at=read_at,
    )


def _allocation(vault_id: str, facts: LedgerFacts, allocation: Allocation) -> AllocationRow:
    return AllocationRow(
        id=allocation_id(vault_id, facts.ledger, allocation.payment_id, allocation.bill_id),
        vault_id=vault_id,
        ledger=facts.ledger,
        payment_id=allocation.payment_id,
        bill_id=allocation.bill_id,
        cash=allocation.cash,
        discount=allocation.discount,
        credit=allocation.credit,
        currency=allocation.currency,
        read_at=facts.read_at,
        overridden=[],
        version=0,
    )
