"""Messages that reach cloud-service on its own queue and through the public door."""

from collections.abc import Sequence

from drawbridge.cloud_service.usecases.follow_imports import Told, follow_outcomes, follow_rows
from drawbridge.cloud_service.usecases.follow_vaults import follow_vaults
from drawbridge.cloud_service.usecases.take_requests import Asked, take_requests
from drawbridge.contracts.invoices import InvoiceState
from drawbridge.contracts.outcomes import CommandPostponed, CommandRefused
from drawbridge.contracts.procore_invoices import ProcoreInvoiceState
from drawbridge.contracts.requests import ReprocessRequested
from drawbridge.contracts.snapshots import SnapshotFinished
from drawbridge.contracts.vaults import VaultSettingsState
from drawbridge.messaging import Received
from drawbridge.persistence import Database, Transaction, current_epoch
from drawbridge.persistence.snapshots import note_finished, snapshot_works

EVENTS_QUEUE = "cloud-service.events"
COMMANDS_QUEUE = "cloud-service.commands"


class Handlers:
    """The handlers of both queues; each works on a whole batch in one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def events(self, tx: Transaction, received: Sequence[Received]) -> None:
        """Events of the gateway and of import-service.

        Requests are ended before automation looks at the rows, so that it finds their place free.
        """
        epoch = await current_epoch(self._database, tx)
        vaults = [
            (each.message, each.envelope) for each in received if isinstance(each.message, VaultSettingsState)
        ]
        imports = [
            Told(each.message, each.envelope)
            for each in received
            if isinstance(
                each.message, ProcoreInvoiceState | InvoiceState | CommandPostponed | CommandRefused
            )
        ]
        await follow_outcomes(tx, imports, epoch=epoch)
        await follow_vaults(tx, vaults, epoch=epoch)
        await follow_rows(tx, imports, epoch=epoch)
        finished = [each.message for each in received if isinstance(each.message, SnapshotFinished)]
        await note_finished(tx.session, self._database.tables, finished)

    async def commands(self, tx: Transaction, received: Sequence[Received]) -> None:
        """Requests for a snapshot."""
        await tx.add_work(*snapshot_works("cloud-service", received))

    async def requests(self, tx: Transaction, received: Sequence[Received]) -> None:
        """Requests from anybody, already read by `reprocess_door.decode_request`."""
        batch = [
            Asked(each.message, each.envelope, each.origin)
            for each in received
            if isinstance(each.message, ReprocessRequested)
        ]
        await take_requests(tx, batch)
