"""One line of a commitment's schedule of values, and what one invoice bills on it.

The figures follow the AIA G702/G703 forms. Materials stored in one period count as previously
completed work in the next (Procore's ``move_materials_to_previous_work_completed``), and their
retainage moves with them.
"""

from dataclasses import dataclass
from decimal import Decimal

from drawbridge.sandbox.procore.values import cents

ZERO = Decimal(0)


@dataclass
class Line:
    """A schedule-of-values line and how far it has been billed. Amounts in the contract's currency."""

    id: int
    description: str
    code: str
    code_id: int
    scheduled: Decimal
    change_order_id: int | None = None
    unit_price: Decimal | None = None
    uom: str = ""
    completed: Decimal = ZERO
    stored: Decimal = ZERO
    work_retained: Decimal = ZERO
    stored_retained: Decimal = ZERO
    last_item_id: int | None = None

    @property
    def retained(self) -> Decimal:
        """Retainage held on this line to date."""
        return self.work_retained + self.stored_retained


@dataclass(frozen=True)
class Claim:
    """What a subcontractor bills on one line in one period."""

    work: Decimal = ZERO
    materials: Decimal = ZERO
    release: Decimal = ZERO
    """Share of the retainage held so far that is given back (0 to 1)."""


@dataclass(frozen=True)
class Progress:
    """One line of one invoice. Every amount is in whole cents."""

    line: Line
    completed_before: Decimal
    work: Decimal
    stored_before: Decimal
    stored: Decimal
    work_retained_before: Decimal
    stored_retained_before: Decimal
    retained: Decimal
    released: Decimal
    stored_retained: Decimal
    tax: Decimal

    @property
    def moved_before(self) -> Decimal:
        """Previously completed work, with the materials that were stored until now."""
        return self.completed_before + self.stored_before

    @property
    def retained_before(self) -> Decimal:
        """Retainage held before this invoice."""
        return self.work_retained_before + self.stored_retained_before

    @property
    def gross(self) -> Decimal:
        """Work and materials of this period."""
        return self.work + self.stored

    @property
    def net(self) -> Decimal:
        """What this invoice asks for on this line."""
        return self.gross - self.retained - self.stored_retained + self.released + self.tax

    @property
    def to_date(self) -> Decimal:
        """Total completed and stored to date."""
        return self.moved_before + self.gross

    @property
    def work_retained_now(self) -> Decimal:
        """Retainage on completed work after this invoice."""
        return self.retained_before + self.retained - self.released


def bill(line: Line, claim: Claim, retainage: Decimal, tax_rate: Decimal) -> Progress:
    """Bill ``claim`` on ``line`` and move the line on. Rates are percentages (10 = ten per cent)."""
    progress = Progress(
        line=line,
        completed_before=line.completed,
        work=claim.work,
        stored_before=line.stored,
        stored=claim.materials,
        work_retained_before=line.work_retained,
        stored_retained_before=line.stored_retained,
        retained=cents(claim.work * retainage / 100),
        released=cents(line.retained * claim.release),
        stored_retained=cents(claim.materials * retainage / 100),
        tax=cents((claim.work + claim.materials) * tax_rate / 100),
    )
    line.completed = progress.moved_before + progress.work
    line.stored = progress.stored
    line.work_retained = progress.work_retained_now
    line.stored_retained = progress.stored_retained
    return progress
