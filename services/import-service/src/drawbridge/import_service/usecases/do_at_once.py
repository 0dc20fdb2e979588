"""Commands that need no outside call, done in whichever transaction they arrive in."""

from drawbridge.contracts.envelope import Cause
from drawbridge.contracts.errors import Problem
from drawbridge.contracts.import_commands import CreateInvoice, ProcessInvoice
from drawbridge.import_service.store.vaults import Vault
from drawbridge.import_service.usecases.create_invoice import create_invoice
from drawbridge.import_service.usecases.known_vault import known_vault, require_active
from drawbridge.import_service.usecases.process_invoice import process_invoice
from drawbridge.import_service.usecases.telling import refuse
from drawbridge.persistence import Database, Transaction, WorkItem, current_epoch


async def do_at_once(
    database: Database,
    tx: Transaction,
    vault: Vault,
    command: CreateInvoice | ProcessInvoice,
    cause: Cause,
) -> None:
    """Create or process an AP invoice.

    Raises:
        Refused: with the rule's own words; nothing was written.
    """
    require_active(vault)
    epoch = await current_epoch(database, tx)
    if isinstance(command, CreateInvoice):
        await create_invoice(tx, command, cause, epoch)
    else:
        await process_invoice(tx, command, cause, epoch)


class InvoiceCommander:
    """The same as a work item, for commands that came before their vault's settings."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def run(self, item: WorkItem, command: CreateInvoice | ProcessInvoice) -> None:
        """Do it once the vault is known.

        Raises:
            Refused: with the rule's own words.
        """
        vault = await known_vault(self._database, item)
        async with self._database.finishing(item) as tx:
            await do_at_once(self._database, tx, vault, command, item.cause)

    async def failed(
        self, tx: Transaction, item: WorkItem, command: CreateInvoice | ProcessInvoice, problem: Problem
    ) -> None:
        """Say that the last attempt failed; nothing was changed."""
        refuse(tx, command, problem, item.cause)
