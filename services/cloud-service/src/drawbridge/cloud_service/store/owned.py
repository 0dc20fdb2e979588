"""What cloud-service owns and what it keeps of others, for snapshots and restores."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement
from sqlalchemy.ext.asyncio import AsyncSession

from drawbridge.cloud_service.store import procore_invoices, vaults
from drawbridge.cloud_service.store.requests import requests_where
from drawbridge.cloud_service.store.tables import SCHEMA, requests
from drawbridge.contracts.requests import RequestState
from drawbridge.contracts.values import Change
from drawbridge.persistence.commands import ServiceSchema
from drawbridge.persistence.snapshots import Owned
from drawbridge.runtime import utc_now


async def _requests(session: AsyncSession, condition: ColumnElement[bool]) -> Sequence[RequestState]:
    change = Change(what="told", at=utc_now())
    return [request.state(change) for request in await requests_where(session, condition)]


OWNED = (Owned(RequestState, requests, ("request", "vault_id", "id"), _requests),)
KEPT = (vaults.KEPT, procore_invoices.KEPT)

OURS = ServiceSchema(
    service="cloud-service",
    schema=SCHEMA,
    package="drawbridge.cloud_service",
    owned=OWNED,
    reads=("gateway", "import-service"),
)
