"""Show what the ledger has paid, what waits unmatched, and where ledger and Procore differ."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from drawbridge.contracts.payments import AllocationState
from drawbridge.gateway.domain.reconciliation import cause
from drawbridge.gateway.store.payments import commitment_totals, list_allocations
from drawbridge.gateway.store.vaults import get_vault
from drawbridge.gateway.usecases.tools import Tools


@dataclass(frozen=True, slots=True)
class CommitmentBalance:
    """One commitment: cash paid in the ledger, issued by us in Procore, and why they differ."""

    commitment_id: int
    paid: Decimal
    issued: Decimal
    difference: Decimal
    cause: str


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


async def reconcile(tools: Tools, vault_id: str) -> list[CommitmentBalance]:
    """Every commitment of the vault that has a matched payment."""
    async with tools.database.reading() as session:
        await get_vault(session, vault_id)
        totals = await commitment_totals(session, vault_id)
    return [
        CommitmentBalance(
            each.commitment_id,
            each.paid,
            each.issued,
            each.paid - each.issued,
            cause(each.paid - each.issued, each.states),
        )
        for each in totals
    ]
