"""Requests to import by the vault's behavior, as cloud-service last told."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from drawbridge.contracts.requests import RequestState
from drawbridge.gateway.domain.refusals import NotFound
from drawbridge.gateway.store.sets import RowValues, Told, store_told
from drawbridge.gateway.store.stored import stored
from drawbridge.gateway.store.tables import RequestRow, table

_requests = table(RequestRow).c


async def store_requests(session: AsyncSession, told: Sequence[Told[RequestState]]) -> None:
    """Take over the newest state of each request."""
    await store_told(session, table(RequestRow), told, _request_values)


async def get_request(session: AsyncSession, vault_id: str, request_id: UUID) -> RequestState:
    """One request.

    Raises:
        NotFound: when the vault has none of that id.
    """
    row = await session.get(RequestRow, (vault_id, request_id))
    if row is None:
        raise NotFound("request_not_found", f"This vault has no request {request_id}.")
    return stored(RequestState, row.data)


async def list_requests(  # one for each filter of the list
    session: AsyncSession,
    vault_id: str,
    *,
    requisition_id: int | None,
    status: str | None,
    before: tuple[datetime, UUID] | None,
    limit: int,
) -> list[RequestState]:
    """Requests, the newest first, from after the one that ``before`` names."""
    statement = select(_requests.data).where(_requests.vault_id == vault_id)
    if requisition_id is not None:
        statement = statement.where(_requests.requisition_id == requisition_id)
    if status is not None:
        statement = statement.where(_requests.status == status)
    if before is not None:
        statement = statement.where(tuple_(_requests.received_at, _requests.id) < tuple_(*before))
    statement = statement.order_by(_requests.received_at.desc(), _requests.id.desc()).limit(limit)
    return [stored(RequestState, data) for data in (await session.execute(statement)).scalars()]


def _request_values(state: RequestState) -> RowValues:
    return {
        "vault_id": state.vault_id,
        "id": str(state.id),
        "requisition_id": state.requisition_id,
        "status": state.status,
        "received_at": state.received_at.isoformat(),
        "data": state.model_dump(mode="json", exclude={"snapshot_id"}),
    }
