"""Build the read model from the services' events, and end the operations that they answer.

All that one batch of events tells is stored in one transaction: who sees an operation's end also sees the
row and the AP invoice as they are after it.
"""

from collections.abc import Sequence
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from drawbridge.contracts import Envelope, Message, StateEvent
from drawbridge.contracts.invoices import InvoiceState
from drawbridge.contracts.payments import AllocationState, InvoicePaymentsState, JobState, RunState
from drawbridge.contracts.procore_invoices import ProcoreInvoice, ProcoreInvoiceState, ProjectState
from drawbridge.contracts.requests import RequestJoined, RequestState
from drawbridge.contracts.values import Change
from drawbridge.contracts.vaults import VaultProblemsReported
from drawbridge.gateway.domain.closing import step
from drawbridge.gateway.store.history import add_history
from drawbridge.gateway.store.invoices import store_invoices
from drawbridge.gateway.store.jobs import store_jobs, store_runs
from drawbridge.gateway.store.operations import close_by_requests, follow_requests, ring, take_steps
from drawbridge.gateway.store.payments import store_allocations, store_invoice_payments
from drawbridge.gateway.store.procore_invoices import store_rows
from drawbridge.gateway.store.projects import store_projects
from drawbridge.gateway.store.requests import store_requests
from drawbridge.gateway.store.vaults import store_problems
from drawbridge.persistence import Transaction


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
    await _store_states(tx.session, events)
    await add_history(tx.session, [line for event in events for line in _history(event)])
    steps = [each for each in (step(every.envelope, every.message) for every in received) if each]
    await take_steps(tx.session, steps)
    followed = await _follow(tx.session, events)
    if steps or followed:
        await ring(tx.session)


async def _store_states(session: AsyncSession, events: Sequence[Message]) -> None:
    """Two statements at most for each kind of subject, always in the same order of tables."""
    await store_problems(session, _only(events, VaultProblemsReported))
    await store_projects(session, _only(events, ProjectState))
    await store_rows(session, [each for event in events for each in _rows(event)])
    await store_invoices(session, _only(events, InvoiceState))
    await store_requests(session, _only(events, RequestState))
    await store_allocations(session, _only(events, AllocationState))
    await store_invoice_payments(session, _only(events, InvoicePaymentsState))
    await store_jobs(session, _only(events, JobState))
    await store_runs(session, _only(events, RunState))


async def _follow(session: AsyncSession, events: Sequence[Message]) -> bool:
    """Reprocess operations go the way of their requests, whichever of the two events comes first.

    Tells whether there were any requests.
    """
    states = _only(events, RequestState)
    own = {each.message_id: each.id for each in states if each.message_id is not None}
    joined = _only(events, RequestJoined)
    await follow_requests(session, list(own.items()), joined=False)
    await follow_requests(session, [(each.message_id, each.request_id) for each in joined], joined=True)
    touched = {each.id for each in states} | {each.request_id for each in joined}
    await close_by_requests(session, sorted(touched))
    return bool(touched)


def _history(event: Message) -> list[tuple[str, int, Change]]:
    """The subject's line; an AP invoice's change is one of its Procore invoice, too."""
    if not isinstance(event, StateEvent):
        return []
    lines = [(event.subject(), event.version, event.change)]
    if isinstance(event, InvoiceState) and event.row is not None:
        subject = f"requisition/{event.vault_id}/{event.row.requisition_id}"
        lines.append((subject, event.row.version, event.change))
    return lines


def _rows(event: Message) -> list[tuple[str, ProcoreInvoice]]:
    if isinstance(event, ProcoreInvoiceState | InvoiceState) and event.row is not None:
        return [(event.vault_id, event.row)]
    return []


def _only[E: Message](events: Sequence[Message], kind: type[E]) -> list[E]:
    return [event for event in events if isinstance(event, kind)]
