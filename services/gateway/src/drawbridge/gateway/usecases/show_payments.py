"""Show what the ledger has paid, what waits unmatched, and where ledger and Procore differ."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from drawbridge.contracts.payments import AllocationState
from drawbridge.gateway.domain.reconciliation import Balance, balance
from drawbridge.gateway.store.commitment_payments import (
    CommitmentSums,
    Unmatched,
    commitment_sums,
    shown_payments,
    unmatched_sum,
)
from drawbridge.gateway.store.payments import list_allocations
from drawbridge.gateway.store.vaults import get_vault
from drawbridge.gateway.usecases.tools import Tools


@dataclass(frozen=True, slots=True)
class Reconciled:
    """A vault: commitment by commitment, and what has none because no AP invoice was found."""

    balances: list[Balance]
    unmatched: Unmatched


async def show_allocations(  # one for each filter of the list
    tools: Tools,
    vault_id: str,
    *,
    requisition_id: int | None,
    unmatched: bool | None,
    before: tuple[date, UUID] | None,
    limit: int,
) -> list[AllocationState]:
    """A page of allocations, the latest payment first."""
    async with tools.database.reading() as session:
        await get_vault(session, vault_id)
        return await list_allocations(
            session,
            vault_id,
            requisition_id=requisition_id,
            unmatched=unmatched,
            before=before,
            limit=limit,
        )


async def reconcile(tools: Tools, vault_id: str) -> Reconciled:
    """Every commitment of the vault that has a payment in the ledger or was compared with Procore."""
    async with tools.database.reading() as session:
        await get_vault(session, vault_id)
        sums = await commitment_sums(session, vault_id)
        shown = await shown_payments(session, vault_id)
        unmatched = await unmatched_sum(session, vault_id)
    balances = []
    for commitment_id in sorted({*sums, *shown}):
        own, theirs = sums.get(commitment_id, CommitmentSums()), shown.get(commitment_id)
        project_id = theirs.project_id if theirs else own.project_id
        balances.append(balance(commitment_id, project_id, own.parts, own.retainage, theirs))
    return Reconciled(balances, unmatched)
