"""Jobs, their runs, and how far a ledger has been read."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from drawbridge.contracts.errors import Problem
from drawbridge.contracts.payments import RunState
from drawbridge.contracts.values import Change
from drawbridge.contracts.vaults import JobName
from drawbridge.payment_backfiller.store.fact_tables import CursorRow
from drawbridge.payment_backfiller.store.write_tables import AllocationRow, JobRow, RunRow


async def job(session: AsyncSession, vault_id: str, name: JobName) -> JobRow:
    """The job's row, made if it is not there; the vault is locked."""
    found = await session.get(JobRow, (vault_id, name))
    if found is None:
        found = JobRow(vault_id=vault_id, job=name, version=0)
        session.add(found)
    return found


async def due_jobs(session: AsyncSession, now: datetime) -> list[tuple[str, str]]:
    """(vault, job) of every job whose time has come."""
    statement = select(col(JobRow.vault_id), col(JobRow.job)).where(col(JobRow.next_run_at) <= now)
    rows = (await session.execute(statement.order_by(col(JobRow.next_run_at)))).all()
    return [(row[0], row[1]) for row in rows]


async def run(session: AsyncSession, run_id: UUID) -> RunRow | None:
    """One run."""
    return await session.get(RunRow, run_id)


def run_state(run: RunRow, change: Change) -> RunState:
    """The event that tells of a run as it is now."""
    members: dict[str, Any] = {"job": run.job, "status": run.status}
    return RunState(
        version=run.version,
        change=change,
        id=run.id,
        vault_id=run.vault_id,
        dry_run=run.dry_run,
        requested_by=run.requested_by,
        started_at=run.started_at,
        finished_at=run.finished_at,
        counts=run.counts,
        log=tuple(run.log),
        problem=Problem.model_validate(run.problem) if run.problem else None,
        **members,
    )


async def cursor(session: AsyncSession, vault_id: str, ledger: str) -> datetime | None:
    """The latest change of the ledger that was stored."""
    found = await session.get(CursorRow, (vault_id, ledger))
    return found.cursor if found else None


async def move_cursor(session: AsyncSession, vault_id: str, ledger: str, to: datetime) -> None:
    """Move the cursor forward; it never goes back."""
    statement = insert(CursorRow).values(vault_id=vault_id, ledger=ledger, cursor=to)
    statement = statement.on_conflict_do_update(
        index_elements=["vault_id", "ledger"],
        set_={"cursor": statement.excluded.cursor},
        where=or_(col(CursorRow.cursor).is_(None), col(CursorRow.cursor) < statement.excluded.cursor),
    )
    await session.execute(statement)


async def keep_ledger(session: AsyncSession, vault_id: str, ledger: str) -> None:
    """Remember that the vault has facts of this ledger, whichever job read them."""
    await session.execute(insert(CursorRow).values(vault_id=vault_id, ledger=ledger).on_conflict_do_nothing())


async def other_ledgers(session: AsyncSession, vault_id: str, ledger: str) -> list[str]:
    """Names of other ledgers that the vault has payments of; allocations are read only where there may be."""
    paid = select(col(AllocationRow.id)).where(
        col(AllocationRow.vault_id) == vault_id, col(AllocationRow.ledger) == col(CursorRow.ledger)
    )
    statement = select(col(CursorRow.ledger)).where(
        col(CursorRow.vault_id) == vault_id,
        col(CursorRow.ledger) != ledger,
        paid.limit(1).scalar_subquery().is_not(None),
    )
    return sorted((await session.execute(statement)).scalars())
