"""Take reprocess requests from the public door, a batch in one go (product rule 5)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID, uuid4

from drawbridge.cloud_service.domain.asking import asking_action
from drawbridge.cloud_service.domain.request import Request
from drawbridge.cloud_service.store.known import Known, find_known
from drawbridge.cloud_service.store.subjects import Subject
from drawbridge.cloud_service.usecases.await_vault import waiting_work
from drawbridge.cloud_service.usecases.open_requests import announce, insert_or_join
from drawbridge.contracts.envelope import Cause, Envelope
from drawbridge.contracts.errors import Problem
from drawbridge.contracts.procore_invoices import ProcoreInvoice
from drawbridge.contracts.requests import ReprocessRequested, RequestJoined, RequestStatus
from drawbridge.contracts.values import version_after
from drawbridge.contracts.vaults import VaultSettings
from drawbridge.persistence import Origin, Transaction


@dataclass(frozen=True, slots=True)
class Asked:
    """One message from the door; ``origin`` keeps it as it came, in case that it must be parked."""

    message: ReprocessRequested
    envelope: Envelope
    origin: Origin

    @property
    def subject(self) -> Subject:
        """(vault, requisition)."""
        return self.message.vault_id, self.message.requisition_id


@dataclass
class _Sorted:
    """A batch, told apart: requests to insert, and repeats of those or of earlier ones."""

    requests: list[tuple[Request, Asked]] = field(default_factory=list)
    repeats: list[Asked] = field(default_factory=list)


async def take_requests(tx: Transaction, batch: Sequence[Asked]) -> None:
    """Open a request for each invoice that has no unfinished one, and answer repeats with its id."""
    known = await find_known(tx, {asked.subject for asked in batch})
    told_apart = _tell_apart(batch, known, tx.now)
    opened = [request for request, _ in told_apart.requests]
    met = await insert_or_join(tx, opened)
    ours = {request.subject: request.id for request in opened if not request.finished}
    unfinished = known.unfinished | ours | met
    new = [(request, asked) for request, asked in told_apart.requests if _is_new(request, met)]
    late = [asked for request, asked in told_apart.requests if not _is_new(request, met)]
    announce(tx, [request for request, _ in new], known.settings)
    await tx.add_work(
        *[waiting_work(request, asked.origin) for request, asked in new if request.status == "waiting"]
    )
    for asked in (*told_apart.repeats, *late):
        _answer_repeat(tx, asked, unfinished[asked.subject])


def _tell_apart(batch: Sequence[Asked], known: Known, now: datetime) -> _Sorted:
    result = _Sorted()
    taken = set(known.unfinished)
    for asked in batch:
        if asked.subject in taken:
            result.repeats.append(asked)
            continue
        request = _opened(asked, known, now)
        result.requests.append((request, asked))
        if not request.finished:
            taken.add(asked.subject)
    return result


def _opened(asked: Asked, known: Known, now: datetime) -> Request:
    message, source = asked.message, asked.envelope.source
    status, problem = _decided(known.done.get(asked.subject), known.settings.get(message.vault_id))
    return Request(
        id=uuid4(),
        message_id=asked.envelope.id,
        vault_id=message.vault_id,
        project_id=message.project_id,
        requisition_id=message.requisition_id,
        how="reprocess",
        received_from=source,
        requested_by=message.requested_by or source,
        received_at=now,
        cause=Cause.of(asked.envelope),
        status=status,
        command_id=uuid4() if status == "sent" else None,
        problem=problem,
        finished_at=now if status == "refused" else None,
        version=version_after(None, known.epoch),
    )


def _decided(
    row: ProcoreInvoice | None, settings: VaultSettings | None
) -> tuple[RequestStatus, Problem | None]:
    """Waiting while the vault is unknown, refused by what is known, else sent."""
    if settings is None:
        return "waiting", None
    action = asking_action(row, settings)
    if action.allowed:
        return "sent", None
    return "refused", Problem(code=action.code, message=action.reason, advice=action.advice)


def _is_new(request: Request, met: Mapping[Subject, UUID]) -> bool:
    """Whether the request was inserted: finished ones always are."""
    return request.finished or request.subject not in met


def _answer_repeat(tx: Transaction, asked: Asked, request_id: UUID) -> None:
    joined = RequestJoined(
        vault_id=asked.message.vault_id,
        requisition_id=asked.message.requisition_id,
        message_id=asked.envelope.id,
        request_id=request_id,
    )
    tx.send(joined, cause=Cause.of(asked.envelope))
