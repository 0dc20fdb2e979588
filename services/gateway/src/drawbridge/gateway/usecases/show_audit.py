"""Show who did what, when, from where."""

from collections.abc import AsyncIterator

from drawbridge.gateway.store.audit import AuditLine, AuditPeriod, list_audit
from drawbridge.gateway.usecases.tools import Tools

_PART = 1000


async def show_audit(
    tools: Tools, *, vault_id: str | None, asked: AuditPeriod, before: int | None, limit: int
) -> list[AuditLine]:
    """A page of the audit trail, the newest first."""
    async with tools.database.reading() as session:
        return await list_audit(session, vault_id=vault_id, asked=asked, before=before, limit=limit)


async def show_whole_audit(
    tools: Tools, *, vault_id: str | None, asked: AuditPeriod
) -> AsyncIterator[list[AuditLine]]:
    """The whole trail of the period, part by part."""
    before: int | None = None
    while part := await show_audit(tools, vault_id=vault_id, asked=asked, before=before, limit=_PART):
        yield part
        before = part[-1].id
