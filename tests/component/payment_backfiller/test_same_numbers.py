"""What ties by vendor and number in SQL ties what the rules would tie, and nothing else."""

import random
from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID, uuid5

from sqlalchemy import text

from drawbridge.payment_backfiller.domain.matching import BillToMatch, Candidate, Tie, match_bills
from drawbridge.payment_backfiller.domain.numbers import exact_key, vendor_key
from drawbridge.payment_backfiller.store.fact_tables import BillRow
from drawbridge.payment_backfiller.store.same_numbers import find_same_numbers, tie_same_numbers
from drawbridge.payment_backfiller.store.tables import InvoiceRow
from drawbridge.persistence import Database, Transaction
from tests.factories.invoice_rows import TOLD_AT, invoice_row

NAMES = UUID("0f5d6f3c-8a61-4b54-9d0d-6a1f7f1f2b12")
SEEDS = range(120)


def some_invoices(chance: random.Random) -> list[InvoiceRow]:
    return [
        invoice(
            n,
            chance.choice(["V-1", "v-1 ", "V-2", None]),
            chance.choice(["7", " 7", "007", "8", "", None]),
            chance,
        )
        for n in range(chance.randint(0, 4))
    ]


def invoice(number: int, vendor: str | None, text_: str | None, chance: random.Random) -> InvoiceRow:
    return invoice_row(
        uuid5(NAMES, f"invoice {number}"),
        vendor,
        text_,
        requisition_id=number,
        imported=chance.random() < 0.9,
        ledger_bill_id=chance.choice([None, None, None, "B0", "B1"]),
    )


def some_bills(chance: random.Random) -> list[BillRow]:
    return [bill(n, chance) for n in range(chance.randint(1, 4))]


def bill(number: int, chance: random.Random) -> BillRow:
    vendor = chance.choice(["V-1", "v-1", "V-2", ""])
    apart = [str(uuid5(NAMES, "invoice 0"))] if chance.random() < 0.2 else []
    return BillRow(
        vault_id="main",
        id=f"B{number}",
        vendor_code=vendor,
        vendor_key=vendor_key(vendor),
        invoice_number=chance.choice(["7", "7 ", "007", "8", ""]),
        total=Decimal(100),
        retainage=Decimal(0),
        currency="USD",
        voided=chance.random() < 0.1,
        read_at=TOLD_AT,
        candidates=[],
        kept_apart=apart,
    )


def by_the_rules(bills: Sequence[BillRow], invoices: Sequence[InvoiceRow]) -> dict[str, Tie]:
    results = match_bills(
        [
            BillToMatch(
                each.id,
                each.vendor_code,
                each.invoice_number,
                each.total,
                voided=each.voided,
                kept_apart=frozenset(UUID(other) for other in each.kept_apart),
            )
            for each in bills
        ],
        [
            Candidate(
                each.id,
                each.vendor_code,
                each.invoice_number,
                each.net_due,
                each.retainage_held,
                each.ledger_bill_id,
            )
            for each in invoices
            if each.imported
        ],
    )
    return {bill_id: result for bill_id, result in results.items() if isinstance(result, Tie)}


async def tied(tx: Transaction, bills: Sequence[BillRow], invoices: Sequence[InvoiceRow]) -> dict[str, Tie]:
    tx.session.add_all([*bills, *invoices])
    await tx.session.flush()
    await tie_same_numbers(tx.session, "main", [each.id for each in bills], unsettled=False)
    found = await tx.session.execute(
        text("SELECT id, invoice_id, match_key, evidence FROM bills WHERE invoice_id IS NOT NULL")
    )
    ties = {row.id: Tie(row.invoice_id, row.match_key, row.evidence) for row in found}
    await tx.session.execute(text("DELETE FROM bills; "))
    await tx.session.execute(text("DELETE FROM invoices"))
    tx.session.expunge_all()
    return ties


async def test_statement_ties_only_what_the_rules_tie(store: Database) -> None:
    many = 0
    for seed in SEEDS:
        chance = random.Random(seed)
        bills, invoices = some_bills(chance), some_invoices(chance)
        expected = by_the_rules(bills, invoices)
        async with store.transaction() as tx:
            ties = await tied(tx, bills, invoices)
        assert ties.items() <= expected.items(), f"seed {seed}"
        many += len(ties)
    assert many > 5


async def found(tx: Transaction, bills: Sequence[BillRow], invoices: Sequence[InvoiceRow]) -> dict[str, UUID]:
    """The ties of the bills while they are not stored yet."""
    tx.session.add_all(invoices)
    await tx.session.flush()
    keys = {each.id: exact_key(each.vendor_code, each.invoice_number) for each in bills if not each.voided}
    return await find_same_numbers(tx.session, "main", {bill_id: key for bill_id, key in keys.items() if key})


async def test_a_bill_finds_the_same_before_it_is_stored(store: Database) -> None:
    many = 0
    for seed in SEEDS:
        chance = random.Random(seed)
        bills, invoices = some_bills(chance), some_invoices(chance)
        for each in bills:
            each.kept_apart = []  # nobody can have parted what nobody has seen
        async with store.transaction() as tx:
            early = await found(tx, bills, invoices)
            late = await tied(tx, bills, invoices)
        assert early == {bill_id: tie.invoice_id for bill_id, tie in late.items()}, f"seed {seed}"
        many += len(early)
    assert many > 5
