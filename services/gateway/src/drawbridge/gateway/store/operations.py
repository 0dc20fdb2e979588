"""Operations: begun by the API, moved on by events in the transaction that stores what they tell."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, Result, Text, Update, Uuid, case, func, literal, select, update
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.dml import ReturningUpdate

from drawbridge.gateway.domain.closing import Step
from drawbridge.gateway.domain.operations import FINAL, Operation
from drawbridge.gateway.domain.refusals import NotFound
from drawbridge.gateway.store.sets import incoming, insert_missing
from drawbridge.gateway.store.tables import SCHEMA, OperationRow, RequestRow, table

CHANNEL = "operations"
"""Told by ``NOTIFY gateway_operations`` whenever an operation may have ended."""

_operations = table(OperationRow)
_requests = table(RequestRow)


class Moved(NamedTuple):
    """An operation that went on, and its status now."""

    vault_id: str
    id: UUID
    status: str


async def begin_operations(session: AsyncSession, operations: Sequence[Operation]) -> None:
    """Store fresh operations."""
    rows = [each.model_dump(mode="json") for each in operations]
    await insert_missing(session, _operations, rows)


async def get_operation(session: AsyncSession, operation_id: UUID) -> Operation:
    """One operation.

    Raises:
        NotFound: when there is none of that id.
    """
    row = await session.get(OperationRow, operation_id)
    if row is None:
        raise no_operation(operation_id)
    return Operation.model_validate(row.model_dump())


def no_operation(operation_id: UUID) -> NotFound:
    """The refusal for an operation that does not exist, or that the caller may not know of."""
    return NotFound("operation_not_found", f"There is no operation {operation_id}.")


async def known_operations(session: AsyncSession, operation_ids: Sequence[UUID]) -> dict[UUID, Operation]:
    """Those of the operations that have begun."""
    columns = table(OperationRow).c
    rows = await session.execute(select(OperationRow).where(columns.id == func.any(list(operation_ids))))
    return {row.id: Operation.model_validate(row.model_dump()) for row in rows.scalars()}


async def final_among(session: AsyncSession, operation_ids: Iterable[UUID]) -> set[UUID]:
    """Which of these operations are final."""
    columns = _operations.c
    statement = select(columns.id).where(
        columns.id == func.any(list(operation_ids)), columns.status.in_(FINAL)
    )
    return set((await session.execute(statement)).scalars())


async def take_steps(session: AsyncSession, steps: Iterable[Step]) -> list[Moved]:
    """Move operations on; a final one stays as it is. Gives those that moved."""
    best: dict[UUID, Step] = {}
    for step in steps:
        known = best.get(step.id)
        if known is None or _beats(step, known):
            best[step.id] = step
    if not best:
        return []
    rows = [step.model_dump(mode="json") for step in best.values()]
    return _moved(await session.execute(_STEPS, {"rows": rows}))


async def follow_requests(session: AsyncSession, links: Sequence[tuple[UUID, UUID]], *, joined: bool) -> None:
    """Tie operations to requests: (operation, request). ``joined`` marks those that met an older request."""
    if links:
        rows = [{"id": str(operation), "request_id": str(request)} for operation, request in links]
        await session.execute(_JOINED if joined else _FOLLOWING, {"rows": rows})


async def close_by_requests(session: AsyncSession, request_ids: Iterable[UUID]) -> list[Moved]:
    """Bring the unfinished operations that follow these requests to the requests' state; gives them."""
    ids = list(request_ids)
    if not ids:
        return []
    return _moved(await session.execute(_BY_REQUESTS.where(_requests.c.id == func.any(ids))))


async def park_operations(session: AsyncSession, operation_ids: Iterable[UUID], *, parked: bool) -> None:
    """Mark operations as parked, or as queued again once their message is replayed."""
    before, after = (("queued", "waiting"), "parked") if parked else (("parked",), "queued")
    ids = list(operation_ids)
    if ids:
        statement = update(_operations).where(
            _operations.c.id == func.any(ids), _operations.c.status.in_(before)
        )
        await session.execute(statement.values(status=after, updated_at=func.now()))


async def ring(session: AsyncSession) -> None:
    """Wake who waits for operations, once this transaction commits."""
    await session.execute(select(func.pg_notify(f"{SCHEMA}_{CHANNEL}", "")))


def _moved(found: Result[Any]) -> list[Moved]:
    return [Moved(row.vault_id, row.id, row.status) for row in found]


def _beats(step: Step, known: Step) -> bool:
    if (step.status in FINAL) != (known.status in FINAL):
        return step.status in FINAL
    return step.at >= known.at


def _steps() -> ReturningUpdate[Any]:
    step = incoming(
        id=Uuid(),
        kinds=ARRAY(Text()),
        status=Text(),
        at=DateTime(timezone=True),
        attempts=BigInteger(),
        waiting_until=DateTime(timezone=True),
        waiting_reason=JSONB(),
        problem=JSONB(),
        result=JSONB(),
        differences=JSONB(),
        content_hash=Text(),
    ).c
    known = _operations.c
    changes = {
        "status": step.status,
        "updated_at": step.at,
        "attempts": func.greatest(func.coalesce(step.attempts, 0), known.attempts),
        "waiting_until": step.waiting_until,
        "waiting_reason": step.waiting_reason,
        "problem": step.problem,
        "result": func.coalesce(step.result, known.result),
        "differences": func.coalesce(step.differences, known.differences),
        "content_hash": step.content_hash,
    }
    unfinished = known.status.not_in(FINAL)
    late = (step.status == "waiting") & (func.coalesce(step.attempts, 0) < known.attempts)
    return (
        update(_operations)
        .where(known.id == step.id, known.kind == func.any(step.kinds), unfinished, ~late)
        .values(changes)
        .returning(known.vault_id, known.id, known.status)
    )


def _tied(*, joined: bool) -> Update:
    link = incoming(id=Uuid(), request_id=Uuid()).c
    known = _operations.c
    values: dict[str, Any] = {"request_id": link.request_id, "updated_at": func.now()}
    if joined:
        values["status"] = "joined"
    return update(_operations).where(known.id == link.id, known.status.not_in(FINAL)).values(values)


def _by_requests() -> ReturningUpdate[Any]:
    known, request = _operations.c, _requests.c
    attempts = request.data["attempts"]
    next_at = attempts[-1]["next_at"].as_string().cast(DateTime(timezone=True))
    final = request.status.in_(FINAL)
    status = case(
        (final, request.status),
        (known.status == "joined", known.status),
        (next_at.is_not(None), literal("waiting")),
        else_=literal("queued"),
    )
    values = {
        "status": status,
        "attempts": func.jsonb_array_length(attempts),
        "waiting_until": case((final, None), else_=next_at),
        "waiting_reason": case((final, None), else_=_not_null(attempts[-1]["problem"])),
        "problem": _not_null(request.data["problem"]),
        "result": func.jsonb_build_object("request_id", request.id, "requisition_id", request.requisition_id),
        "updated_at": func.now(),
    }
    return (
        update(_operations)
        .where(
            known.request_id == request.id,
            known.vault_id == request.vault_id,
            known.status.not_in(FINAL),
        )
        .values(values)
        .returning(known.vault_id, known.id, known.status)
    )


def _not_null(document: Any) -> Any:  # noqa: ANN401  # an SQL expression
    """JSON's null as SQL's."""
    return func.nullif(document, literal(None, JSONB()))


_STEPS = _steps()
_FOLLOWING = _tied(joined=False)
_JOINED = _tied(joined=True)
_BY_REQUESTS = _by_requests()
