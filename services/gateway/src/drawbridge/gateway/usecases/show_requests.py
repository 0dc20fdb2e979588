"""Show requests to import by the vault's behavior, with every attempt."""

from datetime import datetime
from uuid import UUID

from drawbridge.contracts.requests import RequestState
from drawbridge.gateway.store.requests import get_request, list_requests
from drawbridge.gateway.store.vaults import get_vault
from drawbridge.gateway.usecases.tools import Tools


async def show_requests(  # one for each filter of the list
    tools: Tools,
    vault_id: str,
    *,
    requisition_id: int | None,
    status: str | None,
    before: tuple[datetime, UUID] | None,
    limit: int,
) -> list[RequestState]:
    """A page of requests, the newest first.

    Raises:
        NotFound: when there is no such vault.
    """
    async with tools.database.reading() as session:
        await get_vault(session, vault_id)
        return await list_requests(
            session, vault_id, requisition_id=requisition_id, status=status, before=before, limit=limit
        )


async def show_request(tools: Tools, vault_id: str, request_id: UUID) -> RequestState:
    """One request.

    Raises:
        NotFound: when there is no such vault or request.
    """
    async with tools.database.reading() as session:
        await get_vault(session, vault_id)
        return await get_request(session, vault_id, request_id)
