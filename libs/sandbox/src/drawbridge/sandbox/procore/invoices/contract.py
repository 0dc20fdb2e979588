"""A commitment with its lines, and the next invoice on it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from drawbridge.sandbox.procore.invoices.lines import ZERO, Claim, Line, Progress, bill
from drawbridge.sandbox.procore.values import Record


@dataclass
class Contract:
    """A commitment: Procore's own record of it, and the figures that invoices grow from.

    ``kind`` is ``WorkOrderContract`` (a subcontract) or ``PurchaseOrderContract``; rates are percentages.
    """

    id: int
    kind: str
    number: str
    title: str
    project: Record
    vendor: Record
    created_at: datetime
    lines: list[Line]
    retainage: Decimal = Decimal(10)
    tax_rate: Decimal = ZERO
    tax_code_id: int = 0
    simplified: bool = False
    invoices: int = 0
    last_requisition_id: int | None = None
    certified: Decimal = ZERO
    """Total earned less retainage after the last invoice."""

    @property
    def unit_based(self) -> bool:
        """Whether quantities and unit prices are billed."""
        return any(line.unit_price is not None for line in self.lines)

    @property
    def original_sum(self) -> Decimal:
        """The contract sum before change orders."""
        return sum((line.scheduled for line in self.lines if line.change_order_id is None), ZERO)

    @property
    def change_orders(self) -> Decimal:
        """Net change by change orders."""
        return sum((line.scheduled for line in self.lines if line.change_order_id is not None), ZERO)


@dataclass(frozen=True)
class InvoicePlan:
    """What the next invoice on a contract shall be."""

    requisition_id: int
    billing_date: date
    period: Record
    created_at: datetime
    updated_at: datetime
    claims: Mapping[int, Claim]
    """By line id; a line without a claim is billed at nothing."""
    status: str = "approved"
    invoice_type: str = "progress"
    invoice_number: str | None = None
    final: bool = False
    new_lines: frozenset[int] = field(default_factory=frozenset)
    """Ids of change-order lines that are billed for the first time."""


@dataclass(frozen=True)
class Application:
    """A billed invoice: its plan, its place in the contract, and its figures."""

    contract: Contract
    plan: InvoicePlan
    number: int
    previous_requisition_id: int | None
    certified_before: Decimal
    progress: list[Progress]

    @property
    def earned(self) -> Decimal:
        """Total earned less retainage, to date."""
        return sum((p.to_date - p.work_retained_now - p.stored_retained for p in self.progress), ZERO)

    @property
    def tax(self) -> Decimal:
        """Tax on this invoice."""
        return sum((p.tax for p in self.progress), ZERO)

    @property
    def due(self) -> Decimal:
        """Current payment due: the net payable of this invoice, tax included."""
        return self.earned - self.certified_before + self.tax


def apply_for_payment(contract: Contract, plan: InvoicePlan) -> Application:
    """Bill the next invoice on ``contract`` and move the contract on."""
    progress = [
        bill(line, plan.claims.get(line.id, Claim()), contract.retainage, contract.tax_rate)
        for line in contract.lines
    ]
    contract.invoices += 1
    application = Application(
        contract=contract,
        plan=plan,
        number=contract.invoices,
        previous_requisition_id=contract.last_requisition_id,
        certified_before=contract.certified,
        progress=progress,
    )
    contract.certified = application.earned
    contract.last_requisition_id = plan.requisition_id
    return application
