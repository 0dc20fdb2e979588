"""Allocations together with their payment, bill and AP invoice."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import cast
from uuid import UUID

from sqlalchemy import Select, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from drawbridge.contracts.errors import Problem
from drawbridge.contracts.payments import PaymentMethod, WriteState
from drawbridge.payment_backfiller.domain.allocation import Allocation
from drawbridge.payment_backfiller.domain.draft import Draft, Payee
from drawbridge.payment_backfiller.domain.money import tidy
from drawbridge.payment_backfiller.domain.standing import Standing
from drawbridge.payment_backfiller.store.fact_tables import BillRow, PaymentRow
from drawbridge.payment_backfiller.store.tables import InvoiceRow
from drawbridge.payment_backfiller.store.upserting import any_of
from drawbridge.payment_backfiller.store.write_tables import AllocationRow, ForeignCoverRow

type _Views = Select[AllocationRow, PaymentRow, BillRow, InvoiceRow, ForeignCoverRow]


@dataclass(frozen=True, slots=True)
class AllocationView:
    """One allocation with all that is known around it. The rows are live: changing them is stored."""

    row: AllocationRow
    payment: PaymentRow
    bill: BillRow
    invoice: InvoiceRow | None
    foreign: ForeignCoverRow | None = None

    @property
    def facts(self) -> Allocation:
        """The ledger's side."""
        return Allocation(
            id=self.row.id,
            cash=tidy(self.row.cash),
            discount=tidy(self.row.discount),
            credit=tidy(self.row.credit),
            currency=self.row.currency,
            number=self.payment.number,
            date=self.payment.date,
            method=cast("PaymentMethod", self.payment.method),
            joint_payee=self.payment.joint_payee,
            posted=self.payment.posted,
            payment_voided=self.payment.voided,
            gone=self.row.gone,
        )

    @property
    def payee(self) -> Payee | None:
        """The AP invoice that the bill is tied to."""
        if self.invoice is None:
            return None
        return Payee(self.invoice.requisition_id, self.invoice.invoice_number, self.invoice.currency)

    @property
    def dismissal(self) -> str:
        """Why a person does not want it, and who; empty when nobody said so."""
        said = self.row.dismissed
        return f"{said['reason']} ({said['by']})" if said else ""

    @property
    def standing(self) -> Standing:
        """Where the write-back stands."""
        row = self.row
        return Standing(
            state=cast("WriteState", row.write_state),
            wanted=self.wanted,
            row_id=row.contract_payment_id,
            note=row.note,
            problem=Problem.model_validate(row.problem) if row.problem else None,
            locked=Problem.model_validate(row.locked) if row.locked else None,
        )

    @property
    def wanted(self) -> Draft | None:
        """What should stand in Procore."""
        return Draft.model_validate(self.row.wanted) if self.row.wanted else None

    def set_standing(self, standing: Standing) -> None:
        """Store where the write-back stands."""
        self.row.write_state = standing.state
        self.row.wanted = standing.wanted.model_dump(mode="json") if standing.wanted else None
        self.row.contract_payment_id = standing.row_id
        self.row.note = standing.note
        self.row.problem = standing.problem.model_dump(mode="json") if standing.problem else None
        self.row.locked = standing.locked.model_dump(mode="json") if standing.locked else None

    def commitments(self) -> set[tuple[int, int]]:
        """The commitments (project, commitment) where a row of it should stand, or does."""
        found = {(self.invoice.project_id, self.invoice.commitment_id)} if self.invoice else set()
        if self.row.written_project_id is not None and self.row.written_commitment_id is not None:
            found.add((self.row.written_project_id, self.row.written_commitment_id))
        return found


async def allocations_of_bills(
    session: AsyncSession, vault_id: str, bill_ids: Collection[str]
) -> list[AllocationView]:
    """All allocations of these bills."""
    statement = _views(vault_id).where(any_of(AllocationRow.bill_id, bill_ids))
    return await _load(session, statement)


async def allocations_of_commitment(
    session: AsyncSession, vault_id: str, project_id: int, commitment_id: int
) -> list[AllocationView]:
    """What should stand on a commitment, and what of ours stands there or may yet appear."""
    here = (col(InvoiceRow.project_id) == project_id) & (col(InvoiceRow.commitment_id) == commitment_id)
    written = (col(AllocationRow.written_project_id) == project_id) & (
        col(AllocationRow.written_commitment_id) == commitment_id
    )
    return await _load(session, _views(vault_id).where(or_(here, written)))


async def allocation(session: AsyncSession, vault_id: str, allocation_id: UUID) -> AllocationView:
    """One allocation that is known to exist."""
    return (await _load(session, _views(vault_id).where(col(AllocationRow.id) == allocation_id)))[0]


async def find_allocation(session: AsyncSession, vault_id: str, allocation_id: UUID) -> AllocationView | None:
    """One allocation that may not exist."""
    found = await _load(session, _views(vault_id).where(col(AllocationRow.id) == allocation_id))
    return found[0] if found else None


async def allocations_needing_hand(session: AsyncSession, vault_id: str) -> list[AllocationView]:
    """What a person must act on."""
    return await _load(session, _views(vault_id).where(col(AllocationRow.write_state) == "needs_hand"))


async def bills_with_live_payments(
    session: AsyncSession, vault_id: str, bill_ids: Collection[str]
) -> set[str]:
    """Which of the bills have an allocation that the ledger or Procore still shows."""
    views = await allocations_of_bills(session, vault_id, bill_ids)
    return {view.bill.id for view in views if view.facts.live or view.row.contract_payment_id is not None}


def _views(
    vault_id: str,
) -> _Views:
    same_vault = col(AllocationRow.vault_id) == vault_id
    return (
        select(AllocationRow, PaymentRow, BillRow, InvoiceRow, ForeignCoverRow)
        .join(
            PaymentRow,
            (col(PaymentRow.vault_id) == col(AllocationRow.vault_id))
            & (col(PaymentRow.id) == col(AllocationRow.payment_id)),
        )
        .join(
            BillRow,
            (col(BillRow.vault_id) == col(AllocationRow.vault_id))
            & (col(BillRow.id) == col(AllocationRow.bill_id)),
        )
        .outerjoin(InvoiceRow, (col(InvoiceRow.id) == col(BillRow.invoice_id)) & col(InvoiceRow.imported))
        .outerjoin(ForeignCoverRow, col(ForeignCoverRow.allocation_id) == col(AllocationRow.id))
        .where(same_vault)
        .order_by(col(AllocationRow.id))
    )


async def _load(
    session: AsyncSession,
    statement: _Views,
) -> list[AllocationView]:
    result = await session.execute(statement.execution_options(populate_existing=True))
    return [AllocationView(*row) for row in result.all()]
