"""What Procore shows on commitments, and the sums of what the ledger paid there."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from sqlalchemy import Numeric, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from drawbridge.contracts.commitment_payments import CommitmentPaymentsState
from drawbridge.gateway.domain.reconciliation import ZERO, Part
from drawbridge.gateway.store.sets import RowValues, Told, store_told
from drawbridge.gateway.store.stored import stored
from drawbridge.gateway.store.tables import AllocationRow, CommitmentPaymentsRow, table

_allocations = table(AllocationRow).c
_shown = table(CommitmentPaymentsRow).c


@dataclass
class CommitmentSums:
    """Of one commitment: the allocations by how they stand, and what the ledger holds back on its bills."""

    project_id: int | None = None
    parts: list[Part] = field(default_factory=list)
    retainage: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Unmatched:
    """What waits for an AP invoice, and so for a commitment."""

    count: int
    cash: Decimal


async def store_commitment_payments(
    session: AsyncSession, told: Sequence[Told[CommitmentPaymentsState]]
) -> None:
    """Take over the newest comparison of each commitment."""
    await store_told(session, table(CommitmentPaymentsRow), told, _values)


async def shown_payments(session: AsyncSession, vault_id: str) -> dict[int, CommitmentPaymentsState]:
    """The last comparison of each commitment of the vault."""
    found = await session.execute(select(_shown.data).where(_shown.vault_id == vault_id))
    states = [stored(CommitmentPaymentsState, data) for data in found.scalars()]
    return {state.commitment_id: state for state in states}


async def commitment_sums(session: AsyncSession, vault_id: str) -> dict[int, CommitmentSums]:
    """The sums of each commitment with a matched payment."""
    grouped = (_allocations.commitment_id, _allocations.write_state, _allocations.voided)
    sums = [func.sum(_allocations[name]) for name in ("cash", "issued", "discount", "credit")]
    statement = (
        select(*grouped, func.count(), *sums, func.min(_allocations.project_id))
        .where(_allocations.vault_id == vault_id, _allocations.commitment_id.is_not(None))
        .group_by(*grouped)
        .order_by(*grouped)
    )
    found: dict[int, CommitmentSums] = {}
    for row in (await session.execute(statement)).all():
        entry = found.setdefault(row[0], CommitmentSums(project_id=row[-1]))
        entry.parts.append(Part(*row[1:-1]))
    for commitment_id, retainage in await _retainage(session, vault_id):
        found[commitment_id].retainage = retainage
    return found


async def unmatched_sum(session: AsyncSession, vault_id: str) -> Unmatched:
    """How much waits unmatched."""
    statement = select(func.count(), func.coalesce(func.sum(_allocations.cash), 0))
    statement = statement.where(_allocations.vault_id == vault_id, _allocations.unmatched)
    count, cash = (await session.execute(statement)).one()
    return Unmatched(count, Decimal(cash))


async def _retainage(session: AsyncSession, vault_id: str) -> list[tuple[int, Decimal]]:
    """Each bill counts once, however many payments it has."""
    bill = _allocations.data["bill"]
    bills = (
        select(
            _allocations.commitment_id,
            bill["id"].astext.label("bill_id"),
            func.max(bill["retainage"].astext.cast(Numeric)).label("held"),
        )
        .where(_allocations.vault_id == vault_id, _allocations.commitment_id.is_not(None))
        .group_by(_allocations.commitment_id, "bill_id")
        .subquery()
    )
    held = func.coalesce(func.sum(bills.c.held), 0)
    statement = select(bills.c.commitment_id, held).group_by(bills.c.commitment_id)
    return [(row[0], row[1]) for row in (await session.execute(statement)).all()]


def _values(state: CommitmentPaymentsState) -> RowValues:
    return {
        "vault_id": state.vault_id,
        "commitment_id": state.commitment_id,
        "data": state.model_dump(mode="json", exclude={"snapshot_id"}),
    }
