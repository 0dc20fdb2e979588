"""Messages to import-service: commands become work items or are done at once, events are stored."""

from collections.abc import Sequence

from drawbridge.contracts.envelope import Cause
from drawbridge.contracts.errors import Refused, Unprocessable
from drawbridge.contracts.import_commands import (
    ImportCommand,
    ImportInvoice,
    NewInvoice,
    RefreshInvoice,
    SyncProject,
)
from drawbridge.contracts.message import Message
from drawbridge.contracts.payments import InvoicePaymentsState
from drawbridge.contracts.procore_changes import FollowChange
from drawbridge.contracts.snapshots import RequestSnapshot, SnapshotFinished
from drawbridge.contracts.vaults import VaultSettingsState
from drawbridge.import_service.entrypoints import kinds
from drawbridge.import_service.store.payments import store_payments
from drawbridge.import_service.store.vaults import find_vault
from drawbridge.import_service.usecases.ask_sync import ask_sync
from drawbridge.import_service.usecases.do_at_once import AT_ONCE, do_at_once
from drawbridge.import_service.usecases.follow_changes import follow_changes
from drawbridge.import_service.usecases.procore_port import ProcoreAccess
from drawbridge.import_service.usecases.store_vault_settings import store_vault_settings
from drawbridge.import_service.usecases.telling import refuse
from drawbridge.messaging import Received
from drawbridge.persistence import CLICK, NORMAL, Database, NewWork, Transaction
from drawbridge.persistence.snapshots import note_finished, snapshot_works

COMMANDS_QUEUE = "import-service.commands"
EVENTS_QUEUE = "import-service.events"


class Intake:
    """Handlers of the two queues; nothing here calls Procore."""

    def __init__(self, database: Database, access: ProcoreAccess) -> None:
        self._database = database
        self._access = access

    async def commands(self, tx: Transaction, received: Sequence[Received]) -> None:
        """Take commands in.

        Raises:
            Unprocessable: ``unknown_command``, for a message that is no command to this service.
        """
        works = snapshot_works("import-service", received)
        for each in received:
            match each.message:
                case ImportInvoice() | NewInvoice() | RefreshInvoice() as command:
                    works.append(_work(command, each))
                case ImportCommand() as command if isinstance(command, AT_ONCE):
                    if not await self._done_at_once(tx, command, each):
                        works.append(_work(command, each))
                case SyncProject() | FollowChange() | RequestSnapshot():
                    pass
                case _:
                    raise _unknown(each)
        await tx.add_work(*works)
        await ask_sync(tx, _of(SyncProject, received))
        await follow_changes(tx, _of(FollowChange, received))

    async def events(self, tx: Transaction, received: Sequence[Received]) -> None:
        """Store vault settings and payments of AP invoices, and note when a snapshot of them is complete.

        Raises:
            Unprocessable: ``unknown_event``, for anything else.
        """
        settings, payments, finished = [], [], []
        for each in received:
            match each.message:
                case VaultSettingsState() as state:
                    settings.append((state, each.envelope))
                case InvoicePaymentsState() as state:
                    payments.append((state, each.envelope.time))
                case SnapshotFinished() as snapshot:
                    finished.append(snapshot)
                case _:
                    raise _unknown(each)
        if settings:
            await store_vault_settings(tx, settings, self._access)
        if payments:
            await store_payments(tx.session, payments)
        await note_finished(tx.session, self._database.tables, finished)

    async def _done_at_once(self, tx: Transaction, command: ImportCommand, received: Received) -> bool:
        """Do what needs no outside call; False while the vault's settings have not arrived."""
        vault = await find_vault(tx.session, command.vault_id)
        if vault is None:
            return False
        try:
            await do_at_once(self._database, tx, vault, command, received.cause)
        except Refused as error:
            refuse(tx, command, error.problem, received.cause)
        return True


def _of[M: Message](kind: type[M], received: Sequence[Received]) -> list[tuple[M, Cause]]:
    return [(each.message, each.cause) for each in received if isinstance(each.message, kind)]


def _work(command: ImportCommand, received: Received) -> NewWork:
    by_person = not isinstance(command, ImportInvoice) or (command.how == "manual" and not command.bulk)
    return NewWork(
        kind=kinds.kind_of(command),
        subject=command.subject(),
        vault_id=command.vault_id,
        payload=command.model_dump(mode="json"),
        cause=received.cause,
        priority=CLICK if by_person else NORMAL,
        origin=received.origin,
    )


def _unknown(received: Received) -> Unprocessable:
    return Unprocessable(
        "unknown_message",
        f"import-service does nothing with messages of the type {received.envelope.type}.",
        "Discard it, and check who sends it here.",
    )
