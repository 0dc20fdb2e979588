"""What a person decides about one allocation: commands to payment-backfiller (product, Payments).

Each is closed by the allocation's state with the command's id as its cause, or refused with a reason.
"""

from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import Field

from drawbridge.contracts.message import Command
from drawbridge.contracts.payments import PAYMENT_BACKFILLER
from drawbridge.contracts.values import VaultId

Reason = Annotated[str, Field(min_length=1, max_length=2000)]
"""Why a person decides so, in their own words; it is kept in the history."""


class AllocationCommand(Command):
    """Base: the allocation, who decides, and the subject version that they saw, compared first."""

    TO: ClassVar[str] = PAYMENT_BACKFILLER

    vault_id: VaultId
    allocation_id: UUID
    requested_by: str
    expected_version: int | None = None

    def subject(self) -> str:
        """``allocation/<vault>/<allocation>``."""
        return f"allocation/{self.vault_id}/{self.allocation_id}"


class TieByHand(AllocationCommand):
    """Tie the allocation's bill, with all its allocations, to this AP invoice."""

    TYPE: ClassVar[str] = "drawbridge.allocation.tie.requested.v1"

    invoice_id: UUID
    reason: str = ""


class Untie(AllocationCommand):
    """Part the bill from its AP invoice for good: our contract payments of it are removed."""

    TYPE: ClassVar[str] = "drawbridge.allocation.untie.requested.v1"

    reason: Reason


class Dismiss(AllocationCommand):
    """Take an unmatched allocation off the list; it is not written until somebody ties or retries it."""

    TYPE: ClassVar[str] = "drawbridge.allocation.dismiss.requested.v1"

    reason: Reason


class ConfirmForeign(AllocationCommand):
    """The contract payment typed by hand really is this payment."""

    TYPE: ClassVar[str] = "drawbridge.allocation.confirm-foreign.requested.v1"


class WriteAnyway(AllocationCommand):
    """The contract payment typed by hand is another payment: write ours beside it."""

    TYPE: ClassVar[str] = "drawbridge.allocation.write-anyway.requested.v1"

    reason: Reason


class RetryWriteBack(AllocationCommand):
    """Try again what needs a hand, and look at the commitment anew; lifts a dismissal."""

    TYPE: ClassVar[str] = "drawbridge.allocation.retry.requested.v1"


class ResolveByHand(AllocationCommand):
    """A person has brought Procore in line: nothing more is tried until the ledger's facts change."""

    TYPE: ClassVar[str] = "drawbridge.allocation.resolve.requested.v1"

    reason: Reason
