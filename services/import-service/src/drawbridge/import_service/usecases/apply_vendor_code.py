"""Bring a vendor's new code to its AP invoices, so that payments can be matched by it."""

from drawbridge.contracts.envelope import Cause
from drawbridge.contracts.values import Change, version_after
from drawbridge.import_service.domain.ap_invoice import with_vendor_code
from drawbridge.import_service.store.grid import find_row
from drawbridge.import_service.store.invoices import StoredInvoice, change_invoice, lock_of_vendor
from drawbridge.import_service.store.vendors import vendor_codes_of
from drawbridge.import_service.usecases.telling import tell_invoice, without_command
from drawbridge.persistence import Database, NewWork, Transaction, WorkItem, current_epoch

APPLY_CODE = "apply_vendor_code"
_PRIORITY = 5
_AT_ONCE = 100


def code_work(vault_id: str, vendor_id: int, cause: Cause) -> NewWork:
    """The work item that applies a vendor's code; one at a time for each."""
    return NewWork(
        kind=APPLY_CODE,
        subject=f"vendor/{vault_id}/{vendor_id}",
        vault_id=vault_id,
        payload={"vendor_id": vendor_id},
        cause=without_command(cause),
        priority=_PRIORITY,
        unique=True,
    )


class VendorCodeApplier:
    """Works on the items that `code_work` makes; a code on the invoice itself still goes before it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def run(self, item: WorkItem) -> None:
        """Change the invoices that have another code, some at a time.

        The last are changed in the transaction that ends the item: a code that is set meanwhile is seen
        there, or finds the item gone and adds its own.
        """
        while True:
            async with self._database.transaction() as tx:
                if await self._some(tx, item) < _AT_ONCE:
                    break
        async with self._database.finishing(item) as tx:
            while await self._some(tx, item) == _AT_ONCE:
                pass

    async def _some(self, tx: Transaction, item: WorkItem) -> int:
        vendor_id = int(str(item.payload["vendor_id"]))
        code = (await vendor_codes_of(tx.session, item.vault_id, [vendor_id])).get(vendor_id)
        found = await lock_of_vendor(tx.session, item.vault_id, vendor_id, code, limit=_AT_ONCE)
        epoch = await current_epoch(self._database, tx)
        for stored in found:
            await _apply(tx, item, stored, code, epoch)
        return len(found)


async def _apply(
    tx: Transaction, item: WorkItem, stored: StoredInvoice, code: str | None, epoch: int
) -> None:
    """The row is told as it is: nothing of it changes."""
    invoice = with_vendor_code(stored.invoice, code)
    result = StoredInvoice(invoice, version_after(stored.version, epoch), stored.requisition_id)
    await change_invoice(tx.session, result)
    row = None
    if stored.requisition_id is not None:
        row = await find_row(tx.session, item.vault_id, stored.requisition_id)
    change = Change(what="vendor_code_changed", at=tx.now, detail=code or "")
    tell_invoice(tx, item.vault_id, result, row.state if row else None, change, item.cause)
