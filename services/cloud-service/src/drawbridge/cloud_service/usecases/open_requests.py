"""Open requests: ask import-service once for each, or join what is already asked."""

from collections.abc import Mapping, Sequence
from uuid import UUID, uuid4

from drawbridge.cloud_service.domain.asking import target_of
from drawbridge.cloud_service.domain.request import Request
from drawbridge.cloud_service.store.requests import find_unfinished, insert_requests
from drawbridge.cloud_service.store.subjects import Subject
from drawbridge.contracts.import_commands import ImportInvoice
from drawbridge.contracts.values import Change
from drawbridge.contracts.vaults import VaultSettings
from drawbridge.persistence import Transaction

_TRIES = 5


async def insert_or_join(tx: Transaction, requests: Sequence[Request]) -> dict[Subject, UUID]:
    """Insert requests; gives the subjects that met another unfinished one, with its id.

    Between meeting a request and looking at it that request may finish; then ours is tried again.

    Raises:
        ConnectionError: when that happens again and again; the batch is then repeated as a whole.
    """
    joined: dict[Subject, UUID] = {}
    left = list(requests)
    for _ in range(_TRIES):
        added = await insert_requests(tx, left)
        left = [request for request in left if request.id not in added]
        if not left:
            return joined
        met = await find_unfinished(tx, [request.subject for request in left])
        joined |= met
        left = [request for request in left if request.subject not in met]
    raise ConnectionError("Requests finish faster than they can be joined.")


def sent_now(request: Request) -> Request:
    """The request with the id that its command will have."""
    return request.sent(uuid4())


def announce(tx: Transaction, requests: Sequence[Request], settings: Mapping[str, VaultSettings]) -> None:
    """Tell of new requests, and send the commands of those that are not to wait or refused."""
    for request in requests:
        if request.status == "sent":
            send_command(tx, request, settings[request.vault_id])
        tell(tx, request, "refused" if request.status == "refused" else "requested")


def send_command(tx: Transaction, request: Request, settings: VaultSettings) -> None:
    """Ask import-service, under the command id that the request already has."""
    command = ImportInvoice(
        vault_id=request.vault_id,
        requested_by=request.requested_by,
        project_id=request.project_id,
        requisition_id=request.requisition_id,
        how=request.how,
        target=target_of(settings),
    )
    tx.send(command, cause=request.cause, message_id=request.command_id)


def tell(tx: Transaction, request: Request, what: str) -> None:
    """Send the state of a request; its cause is the message that began the request, to the end."""
    change = Change(what=what, at=tx.now, by=request.requested_by)
    tx.send(request.state(change), cause=request.cause)
