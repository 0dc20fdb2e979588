"""Follow import-service: keep its rows, close our requests by its answers, automate what it shows."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from drawbridge.cloud_service.domain.outcome import ImportEvent, Outcome, applied, outcome_of, row_of
from drawbridge.cloud_service.store.procore_invoices import ToldRow, save_newer
from drawbridge.cloud_service.store.requests import lock_by_commands, update_requests
from drawbridge.cloud_service.store.subjects import Subject
from drawbridge.cloud_service.usecases.automate import automate
from drawbridge.cloud_service.usecases.open_requests import tell
from drawbridge.contracts.envelope import Cause, Envelope
from drawbridge.contracts.procore_invoices import ProcoreInvoice, ProcoreInvoiceState
from drawbridge.contracts.values import version_after
from drawbridge.persistence import Transaction


@dataclass(frozen=True, slots=True)
class Told:
    """One event of import-service."""

    message: ImportEvent
    envelope: Envelope


async def follow_outcomes(tx: Transaction, events: Sequence[Told], *, epoch: int) -> None:
    """Add attempts to, and end, the requests whose commands the events answer."""
    outcomes: dict[UUID, list[Outcome]] = defaultdict(list)
    for event in events:
        outcome = outcome_of(event.message, event.envelope)
        if outcome is not None:
            outcomes[outcome.command_id].append(outcome)
    changed = []
    for command_id, request in (await lock_by_commands(tx, outcomes)).items():
        after = request
        for outcome in sorted(outcomes[command_id], key=lambda each: each.at):
            after = applied(after, outcome)
        if after != request:
            after = replace(after, version=version_after(request.version, epoch))
            changed.append(after)
            tell(tx, after, after.status if after.finished != request.finished else "tried")
    await update_requests(tx, changed)


async def follow_rows(tx: Transaction, events: Sequence[Told], *, epoch: int) -> None:
    """Store the newest row of each Procore invoice, and let automation look at what changed."""
    told: list[ToldRow] = []
    newest: dict[Subject, tuple[ProcoreInvoice, Cause]] = {}
    for event in events:
        row = row_of(event.message)
        if row is not None:
            told.append(_told(event, row))
            subject = event.message.vault_id, row.requisition_id
            if subject not in newest or newest[subject][0].version < row.version:
                newest[subject] = row, Cause.of(event.envelope)
    changed = await save_newer(tx, told)
    rows = {subject: newest[subject][0] for subject in changed}
    await automate(tx, rows, {subject: newest[subject][1] for subject in changed}, epoch=epoch)


def _told(event: Told, row: ProcoreInvoice) -> ToldRow:
    """A snapshot names rows by their own events; one inside an AP invoice's is as any other."""
    message = event.message
    snapshot_id = message.snapshot_id if isinstance(message, ProcoreInvoiceState) else None
    return ToldRow(message.vault_id, row, event.envelope.time, snapshot_id)
