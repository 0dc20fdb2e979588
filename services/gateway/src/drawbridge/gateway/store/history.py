"""The history of subjects: one line for each version, whatever order the events came in."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from drawbridge.contracts.values import Change
from drawbridge.gateway.store.sets import insert_missing, upsert
from drawbridge.gateway.store.tables import HistoryRow, table


class HistoryLine(Change):
    """One change of a subject; ``version`` orders them."""

    version: int


async def add_history(session: AsyncSession, lines: Sequence[tuple[str, int, Change]]) -> None:
    """Keep each (subject, version, change) that is not kept yet."""
    rows = {
        (subject, version): {"subject": subject, "version": version, **change.model_dump(mode="json")}
        for subject, version, change in lines
    }
    await insert_missing(session, table(HistoryRow), list(rows.values()))


async def mend_history(session: AsyncSession, lines: Sequence[tuple[str, int, Change]]) -> None:
    """Keep lines as their owner tells them again, whatever is kept of them."""
    rows = {
        (subject, version): {"subject": subject, "version": version, **change.model_dump(mode="json")}
        for subject, version, change in lines
    }
    await upsert(session, table(HistoryRow), list(rows.values()), equal=True)


async def history_of(session: AsyncSession, subject: str, limit: int = 500) -> list[HistoryLine]:
    """The latest changes of a subject, the newest first."""
    columns = table(HistoryRow).c
    statement = select(HistoryRow).where(columns.subject == subject).order_by(columns.version.desc())
    return [
        HistoryLine(version=row.version, what=row.what, at=row.at, by=row.by, detail=row.detail)
        for row in (await session.execute(statement.limit(limit))).scalars()
    ]
