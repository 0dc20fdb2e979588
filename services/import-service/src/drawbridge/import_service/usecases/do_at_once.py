"""Commands that need no outside call, done in whichever transaction they arrive in."""

from drawbridge.contracts.envelope import Cause
from drawbridge.contracts.errors import Problem
from drawbridge.contracts.import_commands import (
    ChangeInvoice,
    ChangeVendorMap,
    CreateInvoice,
    DeleteInvoice,
    DeleteQueueDocument,
    DismissError,
    ImportCommand,
    ProcessInvoice,
    ReopenInvoice,
    SetLedgerReference,
    WithdrawInvoice,
)
from drawbridge.import_service.store.vaults import Vault
from drawbridge.import_service.usecases.change_invoice import change_invoice, set_ledger_reference
from drawbridge.import_service.usecases.change_vendor_map import change_vendor_map
from drawbridge.import_service.usecases.create_invoice import create_invoice
from drawbridge.import_service.usecases.hold_row import delete_document, dismiss_error
from drawbridge.import_service.usecases.known_vault import known_vault, require_active
from drawbridge.import_service.usecases.process_invoice import process_invoice
from drawbridge.import_service.usecases.remove_invoice import delete_invoice, withdraw_invoice
from drawbridge.import_service.usecases.reopen_invoice import reopen_invoice
from drawbridge.import_service.usecases.telling import refuse
from drawbridge.persistence import Database, Transaction, WorkItem, current_epoch

AT_ONCE = (
    CreateInvoice,
    ProcessInvoice,
    ChangeInvoice,
    SetLedgerReference,
    WithdrawInvoice,
    DeleteInvoice,
    ReopenInvoice,
    DismissError,
    DeleteQueueDocument,
    ChangeVendorMap,
)


async def do_at_once(
    database: Database, tx: Transaction, vault: Vault, command: ImportCommand, cause: Cause
) -> None:
    """Do one of the commands of `AT_ONCE`.

    Raises:
        Refused: with the rule's own words; nothing was written.
    """
    require_active(vault)
    epoch = await current_epoch(database, tx)
    match command:
        case ReopenInvoice():
            await reopen_invoice(tx, vault, command, cause, epoch)
        case DismissError():
            await dismiss_error(tx, command, cause, epoch)
        case DeleteQueueDocument():
            await delete_document(tx, command, cause, epoch)
        case ChangeVendorMap():
            await change_vendor_map(tx, command, cause, epoch)
        case _:
            await _change_invoice(tx, command, cause, epoch)


async def _change_invoice(tx: Transaction, command: ImportCommand, cause: Cause, epoch: int) -> None:
    match command:
        case CreateInvoice():
            await create_invoice(tx, command, cause, epoch)
        case ProcessInvoice():
            await process_invoice(tx, command, cause, epoch)
        case ChangeInvoice():
            await change_invoice(tx, command, cause, epoch)
        case SetLedgerReference():
            await set_ledger_reference(tx, command, cause, epoch)
        case WithdrawInvoice():
            await withdraw_invoice(tx, command, cause, epoch)
        case DeleteInvoice():
            await delete_invoice(tx, command, cause, epoch)
        case _:
            raise TypeError(f"{type(command).__name__} is not done at once.")


class InvoiceCommander:
    """The same as a work item, for commands that came before their vault's settings."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def run(self, item: WorkItem, command: ImportCommand) -> None:
        """Do it once the vault is known.

        Raises:
            Refused: with the rule's own words.
        """
        vault = await known_vault(self._database, item)
        async with self._database.finishing(item) as tx:
            await do_at_once(self._database, tx, vault, command, item.cause)

    async def failed(self, tx: Transaction, item: WorkItem, command: ImportCommand, problem: Problem) -> None:
        """Say that the last attempt failed; nothing was changed."""
        refuse(tx, command, problem, item.cause)
