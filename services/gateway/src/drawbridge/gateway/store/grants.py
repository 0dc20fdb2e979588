"""Grants: roles in vaults that are given to people here, beside what their tokens claim."""

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from drawbridge.contracts.values import Timestamp, Value
from drawbridge.gateway.store.identity_tables import GrantRow
from drawbridge.gateway.store.tables import table

INSTANCE = "*"
"""In place of a vault's id: the whole instance. No vault can be named so."""

_grants = table(GrantRow)


class Grant(Value):
    """Who has which role, since when, and from whom."""

    subject: str
    role: str
    granted_at: Timestamp
    granted_by: str


async def grants_to(session: AsyncSession, subject: str) -> dict[str, str]:
    """The granted role in each vault, and ``operator`` under `INSTANCE`."""
    statement = select(_grants.c.vault_id, _grants.c.role).where(_grants.c.subject == subject)
    return {row[0]: row[1] for row in await session.execute(statement)}


async def grants_in(session: AsyncSession, vault_id: str) -> list[Grant]:
    """All grants in a vault, by subject."""
    statement = select(GrantRow).where(_grants.c.vault_id == vault_id).order_by(_grants.c.subject)
    rows = (await session.execute(statement)).scalars()
    return [Grant.model_validate(row.model_dump(exclude={"vault_id"})) for row in rows]


async def put_grant(session: AsyncSession, row: GrantRow) -> Grant:
    """Give a role, in place of another one in the same vault."""
    values = row.model_dump()
    statement = insert(_grants).values(values)
    changes = {name: statement.excluded[name] for name in ("role", "granted_at", "granted_by")}
    await session.execute(
        statement.on_conflict_do_update(index_elements=["subject", "vault_id"], set_=changes)
    )
    return Grant.model_validate(row.model_dump(exclude={"vault_id"}))


async def drop_grant(session: AsyncSession, subject: str, vault_id: str) -> bool:
    """Take a role back; whether there was one."""
    statement = delete(_grants).where(_grants.c.subject == subject, _grants.c.vault_id == vault_id)
    return (await session.execute(statement.returning(_grants.c.role))).first() is not None
