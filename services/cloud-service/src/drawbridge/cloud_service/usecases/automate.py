"""Import by the vault's automation: what became importable, and errors that may have passed."""

from collections.abc import Mapping
from datetime import datetime
from uuid import uuid4

from drawbridge.cloud_service.domain.automation import RETRY_AFTER, marker_of, wants_import, wants_retry
from drawbridge.cloud_service.domain.request import Request
from drawbridge.cloud_service.store.automations import find_markers, save_markers
from drawbridge.cloud_service.store.procore_invoices import find_rows
from drawbridge.cloud_service.store.subjects import Subject
from drawbridge.cloud_service.store.vaults import settings_of
from drawbridge.cloud_service.usecases.open_requests import announce, insert_or_join, sent_now
from drawbridge.contracts.envelope import Cause
from drawbridge.contracts.errors import Problem
from drawbridge.contracts.procore_invoices import ProcoreInvoice
from drawbridge.contracts.values import version_after
from drawbridge.contracts.vaults import VaultSettings
from drawbridge.persistence import BULK, Database, NewWork, Transaction, Unattended, WorkItem, current_epoch

RETRY = "retry_import"
AUTOMATION = "automation"


async def automate(
    tx: Transaction,
    rows: Mapping[Subject, ProcoreInvoice],
    causes: Mapping[Subject, Cause],
    *,
    epoch: int,
) -> None:
    """Open a request for each of the rows that automation wants now."""
    if not rows:
        return
    settings = await settings_of(tx, {vault_id for vault_id, _ in rows})
    automated = {vault_id for vault_id, each in settings.items() if each.automated_import != "none"}
    rows = {subject: row for subject, row in rows.items() if subject[0] in automated}
    markers = await find_markers(tx, rows)
    wanted = {
        subject: row
        for subject, row in rows.items()
        if wants_import(row, settings[subject[0]], markers.get(subject))
    }
    failed_elsewhere = {
        subject: row
        for subject, row in rows.items()
        if row.import_state == "error" and subject not in markers
    }
    await save_markers(tx, {subject: marker_of(row) for subject, row in (failed_elsewhere | wanted).items()})
    await _open(tx, wanted, settings, causes, epoch=epoch)
    retried = {
        subject
        for subject, row in rows.items()
        if subject not in wanted and wants_retry(row, settings[subject[0]])
    }
    await tx.add_work(*[_retry_work(subject, causes[subject], tx.now + RETRY_AFTER) for subject in retried])


class RetryImport(Unattended):
    """Tries an invoice once more whose error may have passed, if it is still in that error."""

    kind = RETRY

    def __init__(self, database: Database) -> None:
        self._database = database

    async def run(self, item: WorkItem) -> None:
        """Look at the row again and open a request."""
        subject = (item.vault_id, int(str(item.payload["requisition_id"])))
        async with self._database.finishing(item) as tx:
            row = (await find_rows(tx, [subject])).get(subject)
            settings = await settings_of(tx, {item.vault_id})
            if row is not None and settings and wants_retry(row, settings[item.vault_id]):
                epoch = await current_epoch(self._database, tx)
                await _open(tx, {subject: row}, settings, {subject: item.cause}, epoch=epoch)

    async def give_up(self, tx: Transaction, item: WorkItem, problem: Problem, *, refused: bool) -> None:
        """Nothing to record: the row still shows its error."""


async def _open(
    tx: Transaction,
    rows: Mapping[Subject, ProcoreInvoice],
    settings: Mapping[str, VaultSettings],
    causes: Mapping[Subject, Cause],
    *,
    epoch: int,
) -> None:
    """Open a request for each row; one that is already unfinished does the same."""
    requests = [_request(subject, row, causes[subject], tx.now, epoch) for subject, row in rows.items()]
    met = await insert_or_join(tx, requests)
    announce(tx, [request for request in requests if request.subject not in met], settings)


def _request(subject: Subject, row: ProcoreInvoice, cause: Cause, now: datetime, epoch: int) -> Request:
    request = Request(
        id=uuid4(),
        message_id=None,
        vault_id=subject[0],
        project_id=row.project_id,
        requisition_id=row.requisition_id,
        how="automated",
        received_from=AUTOMATION,
        requested_by=AUTOMATION,
        received_at=now,
        cause=cause,
        version=version_after(None, epoch),
    )
    return sent_now(request)


def _retry_work(subject: Subject, cause: Cause, not_before: datetime) -> NewWork:
    vault_id, requisition_id = subject
    return NewWork(
        kind=RETRY,
        subject=f"requisition/{vault_id}/{requisition_id}",
        vault_id=vault_id,
        payload={"requisition_id": requisition_id},
        cause=cause,
        priority=BULK,
        not_before=not_before,
        unique=True,
    )
