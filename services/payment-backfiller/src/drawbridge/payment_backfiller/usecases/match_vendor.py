"""Match a vendor's bills again because its invoices or the vault's settings changed."""

from drawbridge.contracts.envelope import Cause
from drawbridge.contracts.errors import Problem
from drawbridge.payment_backfiller.store.bills import bills_of_vendor
from drawbridge.payment_backfiller.store.leases import finish
from drawbridge.payment_backfiller.store.vaults import lock_vault
from drawbridge.payment_backfiller.usecases.settle_bills import settle_bills
from drawbridge.persistence import Database, NewWork, Transaction, Unattended, WorkItem
from drawbridge.runtime import get_logger

MATCH_VENDOR = "match_vendor"
_log = get_logger(__name__)


def match_vendor_work(vault_id: str, vendor_key: str, cause: Cause) -> NewWork:
    """The one work item that a vendor may have; its transaction has locked the vault, so none is missed."""
    return NewWork(
        kind=MATCH_VENDOR,
        subject=f"vendor/{vault_id}/{vendor_key}",
        vault_id=vault_id,
        payload={"vendor_key": vendor_key},
        cause=cause,
        unique=True,
    )


class MatchVendor(Unattended):
    """Handles the work items of kind ``match_vendor``: no outside call, one transaction."""

    kind = MATCH_VENDOR

    def __init__(self, database: Database) -> None:
        self._database = database

    async def run(self, item: WorkItem) -> None:
        """Settle the vendor's bills. Before the vault's settings arrive there is nothing to do yet."""
        async with self._database.transaction() as tx:
            vault = await lock_vault(tx.session, item.vault_id)
            await finish(tx, item)
            if vault is not None:
                bills = await bills_of_vendor(tx.session, vault.id, str(item.payload["vendor_key"]))
                await settle_bills(tx, vault, bills, item.cause)

    async def give_up(self, tx: Transaction, item: WorkItem, problem: Problem, *, refused: bool) -> None:
        """The next run of a job matches these bills again."""
        del tx, refused
        _log.error("match_vendor.given_up", subject=item.subject, problem=problem.message)
