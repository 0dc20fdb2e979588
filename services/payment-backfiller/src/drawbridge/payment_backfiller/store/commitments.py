"""Commitments that we write to, and foreign rows that cover allocations."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, exists, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from drawbridge.payment_backfiller.store.tables import VaultRow
from drawbridge.payment_backfiller.store.write_tables import CommitmentRow, ForeignCoverRow


async def want(session: AsyncSession, vault_id: str, commitments: Iterable[tuple[int, int]]) -> None:
    """Say that what should stand on these commitments (project, commitment) has changed."""
    rows = [
        {"vault_id": vault_id, "project_id": project, "commitment_id": commitment, "wanted": 1}
        for project, commitment in sorted(set(commitments))
    ]
    if not rows:
        return
    statement = insert(CommitmentRow).values(rows)
    statement = statement.on_conflict_do_update(
        index_elements=["vault_id", "project_id", "commitment_id"],
        set_={"wanted": col(CommitmentRow.wanted) + 1},
    )
    await session.execute(statement)


async def wanted_count(session: AsyncSession, vault_id: str, project_id: int, commitment_id: int) -> int:
    """How often what should stand there has changed."""
    statement = select(col(CommitmentRow.wanted)).where(_is(vault_id, project_id, commitment_id))
    return (await session.execute(statement)).scalar_one_or_none() or 0


async def listed(
    session: AsyncSession, vault_id: str, project_id: int, commitment_id: int, at: datetime
) -> None:
    """Remember when the commitment was last compared with Procore."""
    statement = update(CommitmentRow).where(_is(vault_id, project_id, commitment_id))
    await session.execute(statement.values(listed_at=at))


async def not_listed_since(session: AsyncSession, moment: datetime, limit: int) -> list[CommitmentRow]:
    """Commitments of active vaults that were not compared with Procore since then."""
    stale = or_(col(CommitmentRow.listed_at).is_(None), col(CommitmentRow.listed_at) < moment)
    active = exists().where(
        col(VaultRow.id) == col(CommitmentRow.vault_id), col(VaultRow.settings)["active"].as_boolean()
    )
    statement = select(CommitmentRow).where(stale, active).order_by(col(CommitmentRow.listed_at)).limit(limit)
    return list((await session.execute(statement)).scalars())


async def cover(
    session: AsyncSession, vault_id: str, allocation_id: UUID, contract_payment_id: int, evidence: str
) -> None:
    """Let a foreign row stand for the allocation."""
    await uncover(session, allocation_id)
    values = {
        "vault_id": vault_id,
        "contract_payment_id": contract_payment_id,
        "allocation_id": allocation_id,
        "evidence": evidence,
    }
    await session.execute(insert(ForeignCoverRow).values(values))


async def uncover(session: AsyncSession, allocation_id: UUID) -> None:
    """No foreign row stands for the allocation any more."""
    await session.execute(delete(ForeignCoverRow).where(col(ForeignCoverRow.allocation_id) == allocation_id))


def _is(vault_id: str, project_id: int, commitment_id: int) -> ColumnElement[bool]:
    return and_(
        col(CommitmentRow.vault_id) == vault_id,
        col(CommitmentRow.project_id) == project_id,
        col(CommitmentRow.commitment_id) == commitment_id,
    )
