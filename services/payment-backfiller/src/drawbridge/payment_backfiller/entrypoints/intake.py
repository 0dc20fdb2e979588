"""Messages that reach payment-backfiller: events of other services, and commands."""

from collections.abc import Sequence

from drawbridge.contracts.invoices import InvoiceState
from drawbridge.contracts.payment_commands import AllocationCommand
from drawbridge.contracts.payments import RunJob
from drawbridge.contracts.snapshots import SnapshotFinished
from drawbridge.contracts.vaults import VaultSettingsState
from drawbridge.messaging import Received
from drawbridge.payment_backfiller.store.tables import core
from drawbridge.payment_backfiller.usecases.decide_by_hand import decision_work
from drawbridge.payment_backfiller.usecases.ports import Ledgers
from drawbridge.payment_backfiller.usecases.schedule_jobs import Asked, ask_for_runs
from drawbridge.payment_backfiller.usecases.store_invoices import store_invoices
from drawbridge.payment_backfiller.usecases.store_vaults import store_vaults
from drawbridge.persistence import Transaction
from drawbridge.persistence.snapshots import note_finished, snapshot_works

EVENTS_QUEUE = "payment-backfiller.events"
COMMANDS_QUEUE = "payment-backfiller.commands"


class Intake:
    """The handlers of both queues; each works on a whole batch in one transaction."""

    def __init__(self, ledgers: Ledgers) -> None:
        self._ledgers = ledgers

    async def events(self, tx: Transaction, received: Sequence[Received]) -> None:
        """Vault settings of the gateway and AP invoices of import-service."""
        vaults = [
            (each.message, each.envelope) for each in received if isinstance(each.message, VaultSettingsState)
        ]
        invoices = [
            (each.message, each.envelope) for each in received if isinstance(each.message, InvoiceState)
        ]
        if vaults:
            await store_vaults(tx, vaults, self._ledgers)
        if invoices:
            await store_invoices(tx, invoices)
        finished = [each.message for each in received if isinstance(each.message, SnapshotFinished)]
        await note_finished(tx.session, core, finished)

    async def commands(self, tx: Transaction, received: Sequence[Received]) -> None:
        """Commands to run a job now, decisions about payments, and requests for a snapshot."""
        asked = [
            Asked(each.message, each.cause, each.origin)
            for each in received
            if isinstance(each.message, RunJob)
        ]
        await ask_for_runs(tx, asked)
        await tx.add_work(
            *(
                decision_work(each.message, each.cause, each.origin)
                for each in received
                if isinstance(each.message, AllocationCommand)
            )
        )
        await tx.add_work(*snapshot_works("payment-backfiller", received))
