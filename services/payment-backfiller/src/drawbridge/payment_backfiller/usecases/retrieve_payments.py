"""Payment retrieval: everything that changed in the ledger since the cursor, with an overlap."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from datetime import UTC, datetime, time, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from drawbridge.ledgers import LedgerSource, PaymentBatch
from drawbridge.payment_backfiller.store import jobs
from drawbridge.payment_backfiller.store.statistics import look_at_tables
from drawbridge.payment_backfiller.store.vaults import Vault
from drawbridge.payment_backfiller.usecases.ask_ledger import Complete, Whole
from drawbridge.payment_backfiller.usecases.fact_rows import FactRows, fact_rows
from drawbridge.payment_backfiller.usecases.growth import Growth
from drawbridge.payment_backfiller.usecases.one_ahead import one_ahead
from drawbridge.payment_backfiller.usecases.take_facts import Taking
from drawbridge.persistence import Transaction, WorkStore
from drawbridge.runtime import failpoints

_AFTER_BATCH = failpoints.declare("retrieve_payments.after_batch")
_WHOLE = "whole"
"""In the work item's payload: the ledger is read from its beginning to its end."""


async def retrieve_payments(
    taking: Taking, vault: Vault, ledger: LedgerSource, name: str, overlap: timedelta
) -> None:
    """Read batch by batch, one ahead; only the transaction that stored a batch moves the cursor.

    The work item remembers that its reading is of everything: it goes on as such wherever it was cut off. A
    dry run keeps nothing between batches, so that each must be complete in itself.
    """
    async with taking.database.reading() as session:
        cursor = await jobs.cursor(session, vault.id, name) or _first_cursor(vault)
    growth = Growth()
    whole = not taking.dry_run and (cursor is None or _WHOLE in taking.item.payload)
    reading = Whole(ledger, name) if whole else Complete(ledger, name)
    async with (
        aclosing(_read(reading, vault.id, ledger.payments_changed_since(cursor, overlap))) as answers,
        aclosing(one_ahead(answers)) as coming,
    ):
        async for reached, rows in coming:
            await taking.take(rows, partial(_move, taking, name, reached, whole=whole))
            failpoints.hit(_AFTER_BATCH)
            if whole and (tables := growth.grown(**rows.counts())):
                await look_at_tables(taking.database, tables)


async def _read(
    reading: Whole | Complete, vault_id: str, batches: AsyncIterator[PaymentBatch]
) -> AsyncGenerator[tuple[datetime | None, FactRows]]:
    """The rows of each batch, and how far the ledger is read with them."""
    async for batch in batches:
        yield batch.cursor, await asyncio.to_thread(fact_rows, vault_id, await reading.facts_of(batch))


async def _move(taking: Taking, ledger: str, to: datetime | None, tx: Transaction, *, whole: bool) -> None:
    if whole:
        payload = {**taking.item.payload, _WHOLE: True}
        await WorkStore(taking.database).keep_payload(tx, taking.item, payload)
    if to is not None:
        await jobs.move_cursor(tx.session, taking.item.vault_id, ledger, to)


def _first_cursor(vault: Vault) -> datetime | None:
    """Before go-live nothing needs to be read; without a go-live date everything is."""
    since = vault.settings.payments_from
    if since is None:
        return None
    return datetime.combine(since, time.min, ZoneInfo(vault.settings.time_zone)).astimezone(UTC)
