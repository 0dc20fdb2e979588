"""Show who did what, when."""

from drawbridge.gateway.store.audit import AuditLine, list_audit
from drawbridge.gateway.usecases.tools import Tools


async def show_audit(
    tools: Tools, *, vault_id: str | None, caller: str | None, before: int | None, limit: int
) -> list[AuditLine]:
    """A page of the audit trail, the newest first."""
    async with tools.database.reading() as session:
        return await list_audit(session, vault_id=vault_id, caller=caller, before=before, limit=limit)
