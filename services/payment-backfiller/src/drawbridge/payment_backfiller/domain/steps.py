"""The steps from what stands on a commitment to what should: each is about one allocation."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from drawbridge.contracts.errors import Problem
from drawbridge.payment_backfiller.domain.draft import Draft
from drawbridge.payment_backfiller.domain.listing import Row


@dataclass(frozen=True, slots=True)
class Create:
    """Write a new row; ``offset``: the one that makes up for a row that cannot be removed."""

    allocation_id: UUID
    draft: Draft
    offset: bool = False


@dataclass(frozen=True, slots=True)
class Update:
    """Change our row to the draft, or the ``offset``."""

    allocation_id: UUID
    row_id: int
    draft: Draft
    offset: bool = False


@dataclass(frozen=True, slots=True)
class Delete:
    """Remove our row; ``duplicate``: one too many of ours, also an offset that nothing needs."""

    allocation_id: UUID
    row_id: int
    duplicate: bool = False


@dataclass(frozen=True, slots=True)
class Settled:
    """Procore shows what should stand: this row, or none; or this ``offset`` of a row that should not."""

    allocation_id: UUID
    row: Row | None
    proven: bool = True
    offset: bool = False


@dataclass(frozen=True, slots=True)
class CoverByForeign:
    """Somebody else's row stands for the allocation; a person confirms."""

    allocation_id: UUID
    row_id: int
    evidence: str


@dataclass(frozen=True, slots=True)
class Wait:
    """An answer is owed; look again after ``until``."""

    allocation_id: UUID
    until: datetime


@dataclass(frozen=True, slots=True)
class NeedsHand:
    """Nothing that we may do brings Procore in line; a person must act there."""

    allocation_id: UUID
    row_id: int | None
    problem: Problem


@dataclass(frozen=True, slots=True)
class Orphan:
    """A row with a mark of ours that belongs to no allocation we know: shown, never deleted."""

    row_id: int
    mark: str


type Step = Delete | Update | Create | Settled | CoverByForeign | Wait | NeedsHand | Orphan
