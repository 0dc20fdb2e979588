"""Payment retrieval: everything that changed in the ledger since the cursor, with an overlap."""

from datetime import UTC, datetime, time, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from drawbridge.ledgers import LedgerSource
from drawbridge.payment_backfiller.store import jobs
from drawbridge.payment_backfiller.store.vaults import Vault
from drawbridge.payment_backfiller.usecases.ask_ledger import facts_of_bills
from drawbridge.payment_backfiller.usecases.take_facts import Taking
from drawbridge.persistence import Transaction
from drawbridge.runtime import failpoints

_AFTER_BATCH = failpoints.declare("retrieve_payments.after_batch")


async def retrieve_payments(
    taking: Taking, vault: Vault, ledger: LedgerSource, name: str, overlap: timedelta
) -> None:
    """Read batch by batch, each bill complete; only the transaction that stored a batch moves the cursor."""
    async with taking.database.reading() as session:
        cursor = await jobs.cursor(session, vault.id, name)
    async for batch in ledger.payments_changed_since(cursor or _first_cursor(vault), overlap):
        ids = {each.bill_id for entry in batch.facts for each in entry.allocations}
        facts = await facts_of_bills(ledger, name, ids, batch.facts, batch.unreadable)
        await taking.take(facts, partial(_move, vault.id, name, batch.cursor))
        failpoints.hit(_AFTER_BATCH)


async def _move(vault_id: str, ledger: str, to: datetime | None, tx: Transaction) -> None:
    if to is not None:
        await jobs.move_cursor(tx.session, vault_id, ledger, to)


def _first_cursor(vault: Vault) -> datetime | None:
    """Before go-live nothing needs to be read; without a go-live date everything is."""
    since = vault.settings.payments_from
    if since is None:
        return None
    return datetime.combine(since, time.min, ZoneInfo(vault.settings.time_zone)).astimezone(UTC)
