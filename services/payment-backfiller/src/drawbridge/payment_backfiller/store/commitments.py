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
        {"vault_id": vault_id, "project_id": project, "commitment_id": commitment, "wanted": 1, "version": 0}
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


async def commitment(
    session: AsyncSession, vault_id: str, project_id: int, commitment_id: int
) -> CommitmentRow:
    """The commitment's row, made if it is not there; the vault is locked."""
    found = await session.get(CommitmentRow, (vault_id, project_id, commitment_id))
    if found is None:
        found = CommitmentRow(
            vault_id=vault_id, project_id=project_id, commitment_id=commitment_id, wanted=0, version=0
        )
        session.add(found)
    return found


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
    """Let a foreign row stand for the allocation; that a person has confirmed the same one is kept."""
    others = col(ForeignCoverRow.contract_payment_id) != contract_payment_id
    await session.execute(delete(ForeignCoverRow).where(_covers(allocation_id), others))
    values = {
        "vault_id": vault_id,
        "contract_payment_id": contract_payment_id,
        "allocation_id": allocation_id,
        "evidence": evidence,
        "confirmed_by": "",
    }
    statement = insert(ForeignCoverRow).values(values)
    await session.execute(
        statement.on_conflict_do_update(index_elements=["allocation_id"], set_={"evidence": evidence})
    )


async def uncover(session: AsyncSession, allocation_id: UUID) -> None:
    """No foreign row stands for the allocation any more."""
    await session.execute(delete(ForeignCoverRow).where(_covers(allocation_id)))


async def confirm_cover(session: AsyncSession, allocation_id: UUID, by: str) -> None:
    """A person agrees that the foreign row stands for the allocation."""
    await session.execute(update(ForeignCoverRow).where(_covers(allocation_id)).values(confirmed_by=by))


def _covers(allocation_id: UUID) -> ColumnElement[bool]:
    return col(ForeignCoverRow.allocation_id) == allocation_id


def _is(vault_id: str, project_id: int, commitment_id: int) -> ColumnElement[bool]:
    return and_(
        col(CommitmentRow.vault_id) == vault_id,
        col(CommitmentRow.project_id) == project_id,
        col(CommitmentRow.commitment_id) == commitment_id,
    )
