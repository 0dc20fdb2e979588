"""The hooks that Procore has for us, one for each project."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from drawbridge.import_service.store.tables import webhooks

_DUE = text("""
SELECT p.vault_id, p.project_id
FROM imports.projects p
JOIN imports.vaults v USING (vault_id)
LEFT JOIN imports.webhooks w USING (vault_id, project_id)
WHERE CASE
    WHEN v.active AND p.active AND v.settings #>> '{procore,webhook_authorization}' IS NOT NULL
    THEN w.vault_id IS NULL OR w.next_check_at <= :now OR w.settings_version <> v.version
    ELSE w.next_check_at <= :now OR w.settings_version <> v.version
END
ORDER BY p.vault_id, p.project_id
LIMIT :most
""")
"""Projects whose vault wants webhooks and whose hook is missing, old or older than the vault's settings; and
hooks that are not wanted any more."""

_MOST_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class HookRow:
    """The hook of one project; without an id there is none in Procore."""

    vault_id: str
    project_id: int
    hook_id: str | None
    own_user_id: int | None
    settings_version: int
    next_check_at: datetime


async def due_hooks(session: AsyncSession, now: datetime) -> list[tuple[str, int]]:
    """Projects whose hook is to be looked at."""
    rows = await session.execute(_DUE, {"now": now, "most": _MOST_AT_ONCE})
    return [(row.vault_id, row.project_id) for row in rows]


async def save_hook(session: AsyncSession, hook: HookRow) -> None:
    """Write what was found."""
    values = {name: getattr(hook, name) for name in HookRow.__slots__}
    statement = insert(webhooks).values(values)
    changes = {name: statement.excluded[name] for name in values if name not in ("vault_id", "project_id")}
    await session.execute(
        statement.on_conflict_do_update(index_elements=["vault_id", "project_id"], set_=changes)
    )


async def forget_hook(session: AsyncSession, vault_id: str, project_id: int) -> None:
    """Procore has no hook of the project any more."""
    await session.execute(
        delete(webhooks).where(webhooks.c.vault_id == vault_id, webhooks.c.project_id == project_id)
    )


async def own_user(session: AsyncSession, vault_id: str) -> int | None:
    """The Procore user as whom the vault's app acts, if a hook was ever set up."""
    query = select(webhooks.c.own_user_id).where(
        webhooks.c.vault_id == vault_id, webhooks.c.own_user_id.is_not(None)
    )
    return (await session.execute(query.limit(1))).scalar_one_or_none()
