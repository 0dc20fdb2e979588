"""Reads and writes of the requests."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, RowMapping, bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from drawbridge.cloud_service.domain.request import Request
from drawbridge.cloud_service.store.subjects import Subject, among
from drawbridge.cloud_service.store.tables import requests
from drawbridge.contracts.envelope import Cause
from drawbridge.contracts.errors import Problem
from drawbridge.contracts.requests import Attempt
from drawbridge.persistence import Transaction, as_arrays, bulk_insert

_ATTEMPTS = TypeAdapter(tuple[Attempt, ...])
_IDENTITY = (
    "id",
    "message_id",
    "vault_id",
    "project_id",
    "requisition_id",
    "how",
    "received_from",
    "requested_by",
    "received_at",
)
_CAUSE = ("correlation_id", "causation_id", "traceparent")
_STATE = ("status", "command_id", "attempts", "problem", "finished_at", "version")
_NAMES = (*_IDENTITY, *_CAUSE, *_STATE)
_UNLESS_UNFINISHED = (
    bulk_insert(requests, _NAMES)
    .on_conflict_do_nothing(
        index_elements=["vault_id", "requisition_id"], index_where=requests.c.finished_at.is_(None)
    )
    .returning(requests.c.id)
)


async def insert_requests(tx: Transaction, wanted: Sequence[Request]) -> set[UUID]:
    """Add the requests; gives the ids of those added, without those that met an unfinished one.

    Waits for a transaction that is just adding or finishing a request for the same invoice.
    """
    if not wanted:
        return set()
    ordered = sorted(wanted, key=lambda request: request.subject)
    values = as_arrays(_NAMES, [_values(request) for request in ordered])
    return set((await tx.session.execute(_UNLESS_UNFINISHED, values)).scalars())


async def update_requests(tx: Transaction, changed: Sequence[Request]) -> None:
    """Store what changed of requests that this transaction has locked."""
    if changed:
        values: dict[str, Any] = {name: bindparam(name) for name in _state(changed[0])}
        statement = update(requests).where(requests.c.id == bindparam("request_id")).values(values)
        await tx.session.execute(statement, [{"request_id": each.id} | _state(each) for each in changed])


async def find_unfinished(tx: Transaction, subjects: Collection[Subject]) -> dict[Subject, UUID]:
    """The unfinished request of each subject that has one."""
    if not subjects:
        return {}
    query = select(requests.c.vault_id, requests.c.requisition_id, requests.c.id).where(
        among(requests, subjects), requests.c.finished_at.is_(None)
    )
    rows = await tx.session.execute(query)
    return {(vault_id, requisition_id): request_id for vault_id, requisition_id, request_id in rows}


async def lock_by_commands(tx: Transaction, command_ids: Collection[UUID]) -> dict[UUID, Request]:
    """The requests whose commands these are, by command id, locked until the transaction ends."""
    if not command_ids:
        return {}
    query = select(requests).where(requests.c.command_id.in_(command_ids))
    ordered = query.order_by(requests.c.vault_id, requests.c.requisition_id, requests.c.id)
    rows = (await tx.session.execute(ordered.with_for_update())).mappings()
    return {row["command_id"]: _request(row) for row in rows}


async def requests_where(session: AsyncSession, condition: ColumnElement[bool]) -> list[Request]:
    """Each request for which it holds."""
    return [_request(row) for row in (await session.execute(select(requests).where(condition))).mappings()]


async def lock_request(tx: Transaction, request_id: UUID) -> Request | None:
    """One request, locked until the transaction ends."""
    query = select(requests).where(requests.c.id == request_id).with_for_update()
    row = (await tx.session.execute(query)).mappings().one_or_none()
    return _request(row) if row else None


def _values(request: Request) -> tuple[Any, ...]:
    """All columns, as `_NAMES` has them."""
    identity = tuple(getattr(request, name) for name in _IDENTITY)
    cause, state = request.cause, _state(request)
    return (*identity, cause.correlation_id, cause.causation_id, cause.traceparent, *state.values())


def _state(request: Request) -> dict[str, Any]:
    return {
        "status": request.status,
        "command_id": request.command_id,
        "attempts": _ATTEMPTS.dump_python(request.attempts, mode="json"),
        "problem": request.problem.model_dump(mode="json") if request.problem else None,
        "finished_at": request.finished_at,
        "version": request.version,
    }


def _request(row: RowMapping) -> Request:
    stated = ("status", "command_id", "finished_at", "version")
    return Request(
        **{name: row[name] for name in (*_IDENTITY, *stated)},
        cause=Cause(row["correlation_id"], row["causation_id"], row["traceparent"]),
        attempts=_ATTEMPTS.validate_python(row["attempts"]),
        problem=Problem.model_validate(row["problem"]) if row["problem"] else None,
    )
