"""The rows that a ledger's answer becomes, as text: made in a thread, while the event loop stores others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from drawbridge.ledgers import Allocation, Bill, LedgerPayment
from drawbridge.payment_backfiller.domain.allocation import allocation_id
from drawbridge.payment_backfiller.domain.numbers import vendor_key
from drawbridge.payment_backfiller.store.upserting import Record, Records, records
from drawbridge.payment_backfiller.usecases.ask_ledger import LedgerFacts


@dataclass(frozen=True, slots=True)
class FactRows:
    """An answer as rows of the three tables of facts; of what was told twice, the last.

    ``bills_of_payments`` are the bills that each payment settles, ``bill_of`` the bill of each allocation.
    """

    facts: LedgerFacts
    bills: Records
    payments: Records
    allocations: Records
    bills_of_payments: Mapping[str, Sequence[str]]
    bill_of: Mapping[str, str]

    def counts(self) -> dict[str, int]:
        """How many rows of each table they are."""
        return {
            "bills": len(self.facts.bills),
            "ledger_payments": len(self.facts.payments),
            "allocations": len(self.bill_of),
        }


def fact_rows(vault_id: str, facts: LedgerFacts) -> FactRows:
    """Make the rows of an answer for one vault."""
    bills = {bill.id: bill for bill in facts.bills}
    paid = {entry.payment.id: entry for entry in facts.payments}
    told = {
        allocation_id(vault_id, facts.ledger, each.payment_id, each.bill_id): each
        for entry in paid.values()
        for each in entry.allocations
    }
    return FactRows(
        facts,
        records([_bill(bill) for bill in bills.values()]),
        records([_payment(entry.payment) for entry in paid.values()]),
        records([_allocation(key, each) for key, each in told.items()]),
        {key: [each.bill_id for each in entry.allocations] for key, entry in paid.items()},
        {key: each.bill_id for key, each in told.items()},
    )


def _bill(bill: Bill) -> Record:
    return {
        "id": bill.id,
        "vendor_code": bill.vendor_code,
        "vendor_key": vendor_key(bill.vendor_code),
        "invoice_number": bill.invoice_number,
        "total": bill.total,
        "retainage": bill.retainage,
        "currency": bill.currency,
        "voided": bill.voided,
    }


def _payment(payment: LedgerPayment) -> Record:
    return {
        "id": payment.id,
        "number": payment.number,
        "date": payment.date,
        "method": payment.method,
        "bank_account": payment.bank_account,
        "payee": payment.payee,
        "joint_payee": payment.joint_payee,
        "posted": payment.posted,
        "voided": payment.state == "voided",
    }


def _allocation(key: str, allocation: Allocation) -> Record:
    """As the ledger has it, so it is not gone."""
    payment_id, bill_id, cash, discount, credit, currency = allocation
    return {
        "id": key,
        "payment_id": payment_id,
        "bill_id": bill_id,
        "cash": cash,
        "discount": discount,
        "credit": credit,
        "currency": currency,
        "gone": False,
    }
