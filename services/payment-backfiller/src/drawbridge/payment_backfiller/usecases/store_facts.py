"""Store what the ledger says; tells which bills it touches."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from drawbridge.payment_backfiller.store.bills import upsert_bills, void_missing_bills
from drawbridge.payment_backfiller.store.ledger_payments import (
    Told,
    mark_gone,
    upsert_allocations,
    upsert_payments,
)
from drawbridge.payment_backfiller.usecases.fact_rows import FactRows
from drawbridge.persistence import Transaction


@dataclass(frozen=True, slots=True)
class Touched:
    """The bills of which something is new or different; ``bills`` are so themselves."""

    changed: AbstractSet[str]
    bills: AbstractSet[str]


async def store_facts(tx: Transaction, vault_id: str, rows: FactRows) -> Touched:
    """Upsert bills, payments and allocations; what the ledger no longer has is marked, never deleted."""
    told, complete = Told(vault_id, rows.facts.ledger, rows.facts.read_at), set(rows.facts.complete_bills)
    different = set((await upsert_bills(tx.session, told, rows.bills)).all)
    missing = complete - {bill.id for bill in rows.facts.bills}
    different |= set(await void_missing_bills(tx.session, told, missing)) if missing else set()
    payments = await upsert_payments(tx.session, told, rows.payments)
    changed = different.union(*(rows.bills_of_payments[each] for each in payments.all))
    changed |= (await upsert_allocations(tx.session, told, rows.allocations)).all
    before = rows.bills_of_payments.keys() - payments.new
    changed |= await mark_gone(
        tx.session, told, payment_ids=before, bill_ids=complete, present=rows.bill_of.keys()
    )
    return Touched(changed, different)
