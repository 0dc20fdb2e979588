"""The rows that a ledger's answer becomes: made in a thread, while the event loop stores others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from drawbridge.ledgers import Allocation, Bill, LedgerPayment
from drawbridge.payment_backfiller.domain.allocation import allocation_id
from drawbridge.payment_backfiller.domain.numbers import exact_key, vendor_key
from drawbridge.payment_backfiller.store.upserting import Rows
from drawbridge.payment_backfiller.usecases.ask_ledger import LedgerFacts


@dataclass(frozen=True, slots=True)
class FactRows:
    """An answer as rows of the three tables of facts; of what was told twice, the last.

    ``bills_of_payments`` are the bills that each payment settles, ``bill_of`` the bill of each allocation.
    """

    facts: LedgerFacts
    bills: Rows
    payments: Rows
    allocations: Rows
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
        _bills(list(bills.values())),
        _payments([entry.payment for entry in paid.values()]),
        _allocations(told),
        {key: [each.bill_id for each in entry.allocations] for key, entry in paid.items()},
        {key: each.bill_id for key, each in told.items()},
    )


def exact_keys(bills: Rows) -> dict[str, str]:
    """Under which exact key each bill finds its AP invoice, if it may have one."""
    columns = bills.columns
    keys = map(exact_key, columns["vendor_key"], columns["invoice_number"])
    told = zip(bills.ids, keys, columns["voided"], strict=True)
    return {bill_id: key for bill_id, key, voided in told if key and not voided}


def _bills(bills: Sequence[Bill]) -> Rows:
    columns = _columns(Bill._fields, bills)
    names = ("id", "vendor_code", "invoice_number", "total", "retainage", "currency", "voided")
    keys = {code: vendor_key(code) for code in set(columns["vendor_code"])}
    kept = {name: columns[name] for name in names}
    return Rows(kept | {"vendor_key": [keys[code] for code in columns["vendor_code"]]})


def _payments(payments: Sequence[LedgerPayment]) -> Rows:
    columns = _columns(LedgerPayment._fields, payments)
    names = ("id", "number", "date", "method", "bank_account", "payee", "joint_payee")
    states = columns["state"]
    kept = {name: columns[name] for name in names}
    posted, voided = [state == "posted" for state in states], [state == "voided" for state in states]
    return Rows(kept | {"posted": posted, "voided": voided})


def _allocations(told: Mapping[str, Allocation]) -> Rows:
    """As the ledger has them, so they are not gone."""
    columns = _columns(Allocation._fields, list(told.values()))
    return Rows({"id": list(told), **columns, "gone": [False] * len(told)})


def _columns(names: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> dict[str, Sequence[Any]]:
    values = zip(*rows, strict=True) if rows else ((),) * len(names)
    return dict(zip(names, values, strict=True))
