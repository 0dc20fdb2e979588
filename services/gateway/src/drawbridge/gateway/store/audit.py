"""The audit trail: who did what, when, from where."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from drawbridge.contracts.values import Timestamp, Value
from drawbridge.gateway.store.tables import AuditRow, table

_columns = table(AuditRow).c


class AuditLine(Value):
    """One thing that somebody did."""

    id: int
    at: Timestamp
    caller: str
    address: str | None = None
    action: str
    vault_id: str | None
    subject: str
    correlation_id: str
    detail: dict[str, Any]


@dataclass(frozen=True, slots=True)
class AuditPeriod:
    """From one instant until before another; None is open."""

    since: datetime | None = None
    until: datetime | None = None


async def add_audit(session: AsyncSession, row: AuditRow) -> None:
    """Record one action, in the transaction that does it."""
    session.add(row)
    await session.flush()


async def list_audit(
    session: AsyncSession, *, vault_id: str | None, asked: AuditPeriod, before: int | None, limit: int
) -> list[AuditLine]:
    """The trail, the newest first, from after the line that ``before`` names."""
    statement = select(AuditRow).order_by(_columns.id.desc()).limit(limit)
    if vault_id is not None:
        statement = statement.where(_columns.vault_id == vault_id)
    if asked.since is not None:
        statement = statement.where(_columns.at >= asked.since)
    if asked.until is not None:
        statement = statement.where(_columns.at < asked.until)
    if before is not None:
        statement = statement.where(_columns.id < before)
    return [
        AuditLine.model_validate(row.model_dump()) for row in (await session.execute(statement)).scalars()
    ]
