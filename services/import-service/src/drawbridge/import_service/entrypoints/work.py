"""Work items of import-service: each kind is handed to its use case."""

from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from drawbridge.contracts.errors import Problem
from drawbridge.contracts.import_commands import ImportCommand
from drawbridge.import_service.entrypoints.kinds import KINDS
from drawbridge.import_service.usecases.apply_vendor_code import APPLY_CODE, VendorCodeApplier
from drawbridge.import_service.usecases.list_projects import LIST_PROJECTS, ProjectLister
from drawbridge.import_service.usecases.look_at_invoice import LOOK, InvoiceLooker
from drawbridge.import_service.usecases.recheck_invoice import RECHECK, InvoiceRechecker
from drawbridge.import_service.usecases.settle_webhook import SETTLE_WEBHOOK, WebhookSettler
from drawbridge.import_service.usecases.sync_project import SYNC_PROJECT, ProjectSync
from drawbridge.import_service.usecases.telling import postpone, refuse
from drawbridge.persistence import CLICK, Transaction, Unattended, WorkItem
from drawbridge.procore import bulk_calls


def _in_turn(item: WorkItem) -> AbstractContextManager[None]:
    """Calls for what nobody waits for yield to those for a person's click."""
    return bulk_calls(bulk=item.priority > CLICK)


class CommandUseCase[C: ImportCommand](Protocol):
    """What does one kind of command."""

    async def run(self, item: WorkItem, command: C) -> None:
        """Do it, and end the item with its answer."""
        ...

    async def failed(self, tx: Transaction, item: WorkItem, command: C, problem: Problem) -> None:
        """Record that the last attempt failed, and answer."""
        ...


class CommandWork[C: ImportCommand]:
    """Does the work items of one command; every outcome is answered with its cause."""

    def __init__(self, command: type[C], use_case: CommandUseCase[C]) -> None:
        self.kind = KINDS[command]
        self._command = command
        self._use_case = use_case

    async def run(self, item: WorkItem) -> None:
        """Hand the command over."""
        with _in_turn(item):
            await self._use_case.run(item, self._read(item))

    async def give_up(self, tx: Transaction, item: WorkItem, problem: Problem, *, refused: bool) -> None:
        """Answer no, or record the failure."""
        command = self._read(item)
        if refused:
            refuse(tx, command, problem, item.cause)
        else:
            await self._use_case.failed(tx, item, command, problem)

    async def postponed(
        self, tx: Transaction, item: WorkItem, problem: Problem, next_at: datetime, *, waiting: bool
    ) -> None:
        """Show the attempt."""
        postpone(
            tx,
            self._read(item),
            problem,
            item.cause,
            attempt=item.attempts,
            next_at=next_at,
            waiting=waiting,
        )

    def _read(self, item: WorkItem) -> C:
        return self._command.model_validate(item.payload, extra="ignore")


class SyncWork:
    """Re-reads projects."""

    kind = SYNC_PROJECT

    def __init__(self, use_case: ProjectSync) -> None:
        self._use_case = use_case

    async def run(self, item: WorkItem) -> None:
        """Re-read once."""
        with _in_turn(item):
            await self._use_case.run(item)

    async def give_up(self, tx: Transaction, item: WorkItem, problem: Problem, *, refused: bool) -> None:
        """Show the problem; the schedule tries again."""
        del refused
        await self._use_case.failed(tx, item, problem)

    async def postponed(
        self, tx: Transaction, item: WorkItem, problem: Problem, next_at: datetime, *, waiting: bool
    ) -> None:
        """Show what it waits for."""
        await self._use_case.postponed(tx, item, problem, next_at, waiting=waiting)


class ListWork(Unattended):
    """Lists the projects of vaults."""

    kind = LIST_PROJECTS

    def __init__(self, use_case: ProjectLister) -> None:
        self._use_case = use_case

    async def run(self, item: WorkItem) -> None:
        """List once."""
        with _in_turn(item):
            await self._use_case.run(item)

    async def give_up(self, tx: Transaction, item: WorkItem, problem: Problem, *, refused: bool) -> None:
        """Tell the vault what is wrong; the schedule tries again."""
        del refused
        await self._use_case.failed(tx, item, problem)


class VendorCodeWork(Unattended):
    """Brings vendors' codes to their AP invoices."""

    kind = APPLY_CODE

    def __init__(self, use_case: VendorCodeApplier) -> None:
        self._use_case = use_case

    async def run(self, item: WorkItem) -> None:
        """Apply one vendor's code."""
        await self._use_case.run(item)

    async def give_up(self, tx: Transaction, item: WorkItem, problem: Problem, *, refused: bool) -> None:
        """Nothing outside is asked, so nothing says no; the log has the reason."""


class RecheckWork(Unattended):
    """Re-checks AP invoices that were filled from a stored copy."""

    kind = RECHECK

    def __init__(self, use_case: InvoiceRechecker) -> None:
        self._use_case = use_case

    async def run(self, item: WorkItem) -> None:
        """Ask Procore."""
        with _in_turn(item):
            await self._use_case.run(item)

    async def give_up(self, tx: Transaction, item: WorkItem, problem: Problem, *, refused: bool) -> None:
        """Ask again later, for as long as it takes."""
        del problem, refused
        await self._use_case.later(tx, item)


class LookWork(Unattended):
    """Looks at single invoices of which a webhook told."""

    kind = LOOK

    def __init__(self, use_case: InvoiceLooker) -> None:
        self._use_case = use_case

    async def run(self, item: WorkItem) -> None:
        """Look once."""
        with _in_turn(item):
            await self._use_case.run(item)

    async def give_up(self, tx: Transaction, item: WorkItem, problem: Problem, *, refused: bool) -> None:
        """Leave it to the poll."""
        del tx, refused
        await self._use_case.failed(item, problem)


class WebhookWork(Unattended):
    """Settles the hooks of projects."""

    kind = SETTLE_WEBHOOK

    def __init__(self, use_case: WebhookSettler) -> None:
        self._use_case = use_case

    async def run(self, item: WorkItem) -> None:
        """Settle once."""
        with _in_turn(item):
            await self._use_case.run(item)

    async def give_up(self, tx: Transaction, item: WorkItem, problem: Problem, *, refused: bool) -> None:
        """Show the problem on the project."""
        del refused
        await self._use_case.failed(tx, item, problem)
