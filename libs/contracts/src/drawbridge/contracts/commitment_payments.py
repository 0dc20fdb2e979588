"""What Procore shows in a commitment's *Payments Issued* tab, as it was last compared with the ledger."""

import datetime as dt
from typing import ClassVar, Literal
from uuid import UUID

from drawbridge.contracts.message import StateEvent
from drawbridge.contracts.values import Amount, Change, ProcoreId, Timestamp, Value, VaultId


class OthersPayment(Value):
    """A contract payment that is not one of our allocations'; we never change or delete it.

    ``orphan``: it bears a mark of ours, but we know of no allocation that it belongs to. ``covers`` is the
    allocation that it stands for. An ``amount`` that cannot be read is null.
    """

    contract_payment_id: ProcoreId
    kind: Literal["foreign", "orphan"]
    amount: Amount | None
    date: dt.date | None = None
    check_number: str | None = None
    invoice_number: str | None = None
    requisition_id: ProcoreId | None = None
    covers: UUID | None = None


class CommitmentPaymentsState(StateEvent):
    """All contract payments of one commitment: the sum of ours, the sum of others', and theirs one by one."""

    TYPE: ClassVar[str] = "drawbridge.commitment-payments.state.v1"

    vault_id: VaultId
    project_id: ProcoreId
    commitment_id: ProcoreId
    listed_at: Timestamp
    ours: Amount
    others: Amount
    payments: tuple[OthersPayment, ...] = ()

    def subject(self) -> str:
        """``commitment-payments/<vault>/<commitment>``."""
        return f"commitment-payments/{self.vault_id}/{self.commitment_id}"

    def history(self) -> list[tuple[str, int, Change]]:
        """None: a comparison is no change; those of our payments are told by their allocations."""
        return []
