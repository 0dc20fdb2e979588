"""Let a request wait for its vault: settings may still be on their way (product: five minutes)."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from drawbridge.cloud_service.domain.asking import asking_action
from drawbridge.cloud_service.domain.request import Request
from drawbridge.cloud_service.store.requests import lock_request, update_requests
from drawbridge.cloud_service.store.vaults import settings_of
from drawbridge.cloud_service.usecases.open_requests import send_command, sent_now, tell
from drawbridge.contracts.errors import Problem, Waiting
from drawbridge.contracts.values import version_after
from drawbridge.contracts.vaults import VaultSettings
from drawbridge.persistence import (
    Database,
    NewWork,
    Origin,
    Transaction,
    Unattended,
    WorkItem,
    current_epoch,
    parked,
)

KIND = "await_vault"
PATIENCE = timedelta(minutes=5)
CHECK_EVERY = timedelta(seconds=5)


def waiting_work(request: Request, origin: Origin) -> NewWork:
    """The work item of a request whose vault is unknown."""
    return NewWork(
        kind=KIND,
        subject=f"request/{request.vault_id}/{request.id}",
        vault_id=request.vault_id,
        payload={"request_id": str(request.id)},
        cause=request.cause,
        origin=origin,
    )


class AwaitVault(Unattended):
    """Sends a request on once its vault is known, or parks its message when patience ends."""

    kind = KIND

    def __init__(
        self, database: Database, *, patience: timedelta = PATIENCE, check_every: timedelta = CHECK_EVERY
    ) -> None:
        self._database = database
        self._patience = patience
        self._check_every = check_every

    async def run(self, item: WorkItem) -> None:
        """Look for the vault once.

        Raises:
            Waiting: ``unknown_vault``, while there is patience left.
        """
        async with self._database.finishing(item) as tx:
            settings = (await settings_of(tx, {item.vault_id})).get(item.vault_id)
            if settings is None and tx.now < item.created_at + self._patience:
                raise Waiting(
                    "unknown_vault", tx.now + self._check_every, "Waiting for the vault's settings."
                )
            request = await lock_request(tx, UUID(str(item.payload["request_id"])))
            if request is None or request.status != "waiting":
                return
            request = replace(
                request, version=version_after(request.version, await current_epoch(self._database, tx))
            )
            if settings is None:
                await _park(tx, request, item)
            else:
                await _send_on(tx, request, settings)

    async def give_up(self, tx: Transaction, item: WorkItem, problem: Problem, *, refused: bool) -> None:  # noqa: ARG002  # the protocol's names
        """The attempts at looking failed again and again: the same end as an unknown vault."""
        request = await lock_request(tx, UUID(str(item.payload["request_id"])))
        if request is not None and not request.finished:
            epoch = await current_epoch(self._database, tx)
            await _end(tx, replace(request, version=version_after(request.version, epoch)), problem)


async def _send_on(tx: Transaction, request: Request, settings: VaultSettings) -> None:
    action = asking_action(None, settings)
    if not action.allowed:
        problem = Problem(code=action.code, message=action.reason, advice=action.advice)
        await _end(tx, request, problem, refused=True)
        return
    sent = sent_now(request)
    await update_requests(tx, [sent])
    send_command(tx, sent, settings)
    tell(tx, sent, "sent")


async def _park(tx: Transaction, request: Request, item: WorkItem) -> None:
    """End the request and park its message, whose replay then is a new request."""
    problem = Problem(
        code="unknown_vault",
        message=f"No vault has the id {request.vault_id!r}.",
        advice="Correct the id, or create the vault and replay the parked message.",
    )
    await _end(tx, request, problem)
    if item.origin is not None:
        await tx.forget(item.origin.inbox_key)
        tx.send_raw(parked(item.origin.raw, problem, tx.now))


async def _end(tx: Transaction, request: Request, problem: Problem, *, refused: bool = False) -> None:
    ended = request.ended("refused" if refused else "failed", problem, tx.now)
    await update_requests(tx, [ended])
    tell(tx, ended, ended.status)
