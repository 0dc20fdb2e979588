"""Store what the ledger says; tells which bills it touches."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from drawbridge.payment_backfiller.domain.matching import Tie, same_number_evidence
from drawbridge.payment_backfiller.store.bills import (
    insert_bills,
    stored_bills,
    update_bills,
    void_missing_bills,
)
from drawbridge.payment_backfiller.store.jobs import keep_ledger
from drawbridge.payment_backfiller.store.ledger_payments import (
    Told,
    mark_gone,
    upsert_allocations,
    upsert_payments,
)
from drawbridge.payment_backfiller.store.same_numbers import find_same_numbers
from drawbridge.payment_backfiller.store.touched_bills import KnownBills, known_bills
from drawbridge.payment_backfiller.store.upserting import Rows
from drawbridge.payment_backfiller.usecases.fact_rows import FactRows, exact_keys
from drawbridge.persistence import Transaction


@dataclass(frozen=True, slots=True)
class Touched:
    """What is known of the bills that were told or touched, and of which something is new or different.

    ``bills`` are so themselves; ``tied`` are new, tied where that was plain, and marked to be settled.
    """

    known: KnownBills
    changed: AbstractSet[str]
    bills: AbstractSet[str]
    tied: AbstractSet[str]


async def store_facts(tx: Transaction, vault_id: str, rows: FactRows) -> Touched:
    """Upsert bills, payments and allocations; what the ledger no longer has is marked, never deleted.

    Allocations of bills that are not stored are passed over: nothing is known of what they settle.
    """
    told, complete = Told(vault_id, rows.facts.ledger, rows.facts.read_at), set(rows.facts.complete_bills)
    new, stored = rows.bills.parted(await stored_bills(tx.session, vault_id, rows.bills.ids))
    tied = await _insert_tied(tx, told, new, stored)
    different = {*new.ids, *await update_bills(tx.session, told, stored)}
    missing = complete - set(rows.bills.ids)
    different |= set(await void_missing_bills(tx.session, told, missing)) if missing else set()
    payments = await upsert_payments(tx.session, told, rows.payments)
    changed = different.union(*(rows.bills_of_payments[each] for each in payments.all))
    before = rows.bills_of_payments.keys() - payments.new
    changed |= await mark_gone(
        tx.session, told, payment_ids=before, bill_ids=complete, present=rows.bill_of.keys()
    )
    known = await known_bills(tx.session, vault_id, changed.union(rows.bill_of.values()))
    theirs = rows.allocations.chosen([bill in known.ids for bill in rows.bill_of.values()])
    allocations = await upsert_allocations(tx.session, told, theirs, payments.new)
    if allocations.new:
        await keep_ledger(tx.session, vault_id, told.ledger)
    changed |= {rows.bill_of[each] for each in allocations.all}
    return Touched(known, changed, different, tied)


async def _insert_tied(tx: Transaction, told: Told, bills: Rows, stored: Rows) -> AbstractSet[str]:
    """Store new bills, tied where that is plain, and gives those.

    It is not where one of the ``stored`` bills of this answer, which may have changed, claims the same.
    """
    rivals = set(exact_keys(stored).values())
    keys = {bill_id: key for bill_id, key in exact_keys(bills).items() if key not in rivals}
    found = await find_same_numbers(tx.session, told.vault_id, keys)
    columns = bills.columns
    words = zip(bills.ids, columns["vendor_code"], columns["invoice_number"], strict=True)
    ties = {
        bill_id: Tie(found[bill_id], "invoice_number", same_number_evidence(vendor, number))
        for bill_id, vendor, number in words
        if bill_id in found
    }
    await insert_bills(tx.session, told, bills, ties)
    return ties.keys()
