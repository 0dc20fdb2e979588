"""Build the read model from the services' events, and end the operations that they answer.

All that one batch of events tells is stored in one transaction: who sees an operation's end also sees the
row and the AP invoice as they are after it.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from drawbridge.contracts import Envelope, Message, StateEvent
from drawbridge.contracts.commitment_payments import CommitmentPaymentsState
from drawbridge.contracts.invoices import InvoiceState
from drawbridge.contracts.payments import AllocationState, InvoicePaymentsState, JobState, RunState
from drawbridge.contracts.procore_invoices import ProcoreInvoice, ProcoreInvoiceState, ProjectState
from drawbridge.contracts.requests import RequestJoined, RequestState
from drawbridge.contracts.snapshots import HistoryTold, Owner, SnapshotFinished, SnapshotProgress
from drawbridge.contracts.values import Change
from drawbridge.contracts.vaults import VaultProblemsReported
from drawbridge.contracts.vendor_map import VendorCodeState
from drawbridge.gateway.domain.closing import step
from drawbridge.gateway.domain.live_event import heard, operation_heard
from drawbridge.gateway.store.commitment_payments import store_commitment_payments
from drawbridge.gateway.store.events import add_events, lock_streams
from drawbridge.gateway.store.history import add_history, mend_history
from drawbridge.gateway.store.invoices import store_invoices
from drawbridge.gateway.store.jobs import store_jobs, store_runs
from drawbridge.gateway.store.operations import Moved, close_by_requests, follow_requests, ring, take_steps
from drawbridge.gateway.store.owned import KEPT
from drawbridge.gateway.store.payments import store_allocations, store_invoice_payments
from drawbridge.gateway.store.procore_invoices import show_payment_states, store_rows
from drawbridge.gateway.store.projects import store_projects
from drawbridge.gateway.store.requests import store_requests
from drawbridge.gateway.store.sets import Told
from drawbridge.gateway.store.snapshots import store_finished, store_progress
from drawbridge.gateway.store.tables import core
from drawbridge.gateway.store.vaults import store_problems, time_zones
from drawbridge.gateway.store.vendors import store_vendors
from drawbridge.persistence import Transaction
from drawbridge.persistence.snapshots import Lost, lost_epochs

_OWNERS: dict[type[Message], Owner] = {kept.model: kept.owner for kept in KEPT}


class ReceivedEvent(Protocol):
    """A decoded message of the events queue."""

    @property
    def envelope(self) -> Envelope:
        """Who sent it, when, and what caused it."""
        ...

    @property
    def message(self) -> Message:
        """What it says."""
        ...


async def project_events(tx: Transaction, received: Sequence[ReceivedEvent]) -> None:
    """Store the newest states, every version's history, and the operations' next steps."""
    events = [each.message for each in received]
    vaults = {vault for event in events if isinstance(vault := getattr(event, "vault_id", None), str)}
    await lock_streams(tx.session, vaults)
    await _store_states(tx.session, received, await time_zones(tx.session, vaults))
    changes = await _store_history(tx.session, events)
    await store_progress(tx.session, _only(events, SnapshotProgress))
    await store_finished(tx.session, _only(events, SnapshotFinished))
    steps = [each for each in (step(every.envelope, every.message) for every in received) if each]
    moved = await take_steps(tx.session, steps)
    followed = await _follow(tx.session, events)
    if steps or followed is not None:
        await ring(tx.session)
    ended = [operation_heard(*each) for each in (*moved, *(followed or ()))]
    await add_events(tx.session, [*heard(changes), *ended], tx.now)


async def _store_states(
    session: AsyncSession, received: Sequence[ReceivedEvent], zones: Mapping[str, str]
) -> None:
    """Three statements at most for each kind of subject, always in the same order of tables."""
    lost = await lost_epochs(session, core)
    told = [each for each in received if not _is_lost(each.message, lost)]
    await store_problems(session, _only([each.message for each in received], VaultProblemsReported))
    await store_projects(session, _told(told, ProjectState))
    await store_rows(session, [row for each in told for row in _rows(each)], zones)
    await store_invoices(session, _told(told, InvoiceState))
    await store_vendors(session, _told(told, VendorCodeState))
    await store_requests(session, _told(told, RequestState))
    await store_allocations(session, _told(told, AllocationState))
    paid = _told(told, InvoicePaymentsState)
    await store_invoice_payments(session, paid)
    await show_payment_states(session, [(each.state.vault_id, each.state.invoice_id) for each in paid])
    await store_commitment_payments(session, _told(told, CommitmentPaymentsState))
    await store_jobs(session, _told(told, JobState))
    await store_runs(session, _told(told, RunState))


async def _store_history(session: AsyncSession, events: Sequence[Message]) -> list[tuple[str, int, Change]]:
    """Each change once; what a snapshot tells of states is no change, its lines are the owner's own.

    Gives the lines of changes.
    """
    new = [event for event in _only(events, StateEvent) if event.snapshot_id is None]
    changes = [line for event in new for line in event.history()]
    await add_history(session, changes)
    again = [line for event in _only(events, HistoryTold) for line in event.lines]
    await mend_history(session, [(line.subject, line.version, line.change) for line in again])
    return changes


async def _follow(session: AsyncSession, events: Sequence[Message]) -> list[Moved] | None:
    """Reprocess operations go the way of their requests, whichever of the two events comes first.

    Gives those that went on; None when there were no requests.
    """
    states = _only(events, RequestState)
    own = {each.message_id: each.id for each in states if each.message_id is not None}
    joined = _only(events, RequestJoined)
    await follow_requests(session, list(own.items()), joined=False)
    await follow_requests(session, [(each.message_id, each.request_id) for each in joined], joined=True)
    touched = {each.id for each in states} | {each.request_id for each in joined}
    moved = await close_by_requests(session, sorted(touched))
    return moved if touched else None


def _is_lost(event: Message, lost: Lost) -> bool:
    """Whether the state is from before its owner was restored."""
    owner = _OWNERS.get(type(event))
    return owner is not None and isinstance(event, StateEvent) and lost(owner, event.version)


def _told[E: StateEvent](received: Sequence[ReceivedEvent], kind: type[E]) -> list[Told[E]]:
    return [
        Told(message, message.version, each.envelope.time, message.snapshot_id)
        for each in received
        if isinstance(message := each.message, kind)
    ]


def _rows(received: ReceivedEvent) -> list[Told[tuple[str, ProcoreInvoice]]]:
    """The row that an event carries; a snapshot counts only rows that have an event of their own."""
    event = received.message
    if not isinstance(event, ProcoreInvoiceState | InvoiceState) or event.row is None:
        return []
    snapshot_id = event.snapshot_id if isinstance(event, ProcoreInvoiceState) else None
    return [Told((event.vault_id, event.row), event.row.version, received.envelope.time, snapshot_id)]


def _only[E: Message](events: Sequence[Message], kind: type[E]) -> list[E]:
    return [event for event in events if isinstance(event, kind)]
