"""Short ways to read a ledger in tests."""

from datetime import datetime, timedelta
from decimal import Decimal

from drawbridge.ledgers import LedgerSource, PaymentBatch, PaymentFacts

NONE = timedelta(0)
TWO_DAYS = timedelta(days=2)


async def batches(
    ledger: LedgerSource, cursor: datetime | None = None, overlap: timedelta = NONE
) -> list[PaymentBatch]:
    """What is told of payments; bills that are told on the way come in batches of their own."""
    found = [batch async for batch in ledger.payments_changed_since(cursor, overlap)]
    return [batch for batch in found if batch.facts or batch.unreadable]


async def read(
    ledger: LedgerSource, cursor: datetime | None = None, overlap: timedelta = NONE
) -> list[PaymentFacts]:
    return [facts for batch in await batches(ledger, cursor, overlap) for facts in batch.facts]


async def numbers(
    ledger: LedgerSource, cursor: datetime | None = None, overlap: timedelta = NONE
) -> list[str]:
    return sorted(facts.payment.number or "" for facts in await read(ledger, cursor, overlap))


def amounts(facts: PaymentFacts) -> dict[str, tuple[Decimal, Decimal, Decimal]]:
    return {each.bill_id: (each.cash, each.discount, each.credit) for each in facts.allocations}
