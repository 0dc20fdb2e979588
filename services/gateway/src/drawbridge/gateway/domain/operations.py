"""What a command of the API became: the life of an operation."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from drawbridge.contracts.errors import Problem
from drawbridge.contracts.outcomes import Difference
from drawbridge.contracts.values import Timestamp, Value

OperationKind = Literal[
    "sync_project",
    "import_invoice",
    "new_invoice",
    "create_invoice",
    "refresh_preview",
    "refresh_invoice",
    "process_invoice",
    "change_invoice",
    "set_ledger_reference",
    "withdraw_invoice",
    "delete_invoice",
    "reopen_invoice",
    "dismiss_error",
    "delete_document",
    "change_vendor_map",
    "run_job",
    "tie_payment",
    "untie_payment",
    "dismiss_payment",
    "confirm_foreign",
    "write_anyway",
    "retry_payment",
    "resolve_payment",
    "reprocess",
]
OperationStatus = Literal["queued", "waiting", "joined", "done", "refused", "failed", "parked"]
"""``waiting``: for a limit or the next attempt; ``joined``: follows another request; ``failed``: tried, and
the subject says why not; ``parked``: waits for a person. Done, refused and failed are final."""

FINAL: tuple[OperationStatus, ...] = ("done", "refused", "failed")


class Operation(Value):
    """One command, from its acceptance to its outcome. ``id`` is the message's id."""

    id: UUID
    kind: OperationKind
    vault_id: str
    subject: str
    status: OperationStatus = "queued"
    attempts: int = 0
    waiting_until: Timestamp | None = None
    waiting_reason: Problem | None = None
    request_id: UUID | None = Field(default=None, description="the reprocess request that it follows")
    problem: Problem | None = None
    result: dict[str, Any] = Field(default_factory=dict)
    differences: tuple[Difference, ...] = ()
    content_hash: str | None = None
    created_by: str
    created_at: Timestamp
    updated_at: Timestamp

    @property
    def final(self) -> bool:
        """Whether nothing more will happen."""
        return self.status in FINAL

    @classmethod
    def begin(
        cls, operation_id: UUID, kind: OperationKind, subject: str, by: str, now: datetime
    ) -> "Operation":
        """A fresh operation; the subject is ``kind/vault/id``."""
        return cls(
            id=operation_id,
            kind=kind,
            vault_id=subject.split("/")[1],
            subject=subject,
            created_by=by,
            created_at=now,
            updated_at=now,
        )
