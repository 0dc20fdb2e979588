"""A work item: one unit of outside work, such as a fetch or a write-back, with its attempts."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, Table, select, tuple_

from drawbridge.contracts.envelope import Cause
from drawbridge.persistence.raw import JSON, Origin

CLICK = 0
"""Priority of what a person waits for."""
NORMAL = 5
BULK = 9
"""Priority of bulk work, which every click overtakes."""


class LeaseLost(Exception):
    """The item is finished, or another worker has taken it over; nothing of ours was committed."""


@dataclass(frozen=True, slots=True)
class NewWork:
    """Work to add. ``unique`` lets only one unfinished item exist for a (kind, subject).

    All items of one kind must agree on ``unique``. With ``again``, an item that meets an unfinished one which
    is running already lets that one run once more: what it is about may have come too late for this run. The
    transaction of `Database.finishing` sees to it.
    ``payload`` is JSON; ``origin`` keeps the message that asked for it, so that the item can be parked.
    """

    kind: str
    subject: str
    vault_id: str
    payload: dict[str, JSON]
    cause: Cause
    priority: int = NORMAL
    not_before: datetime | None = None
    unique: bool = False
    again: bool = False
    origin: Origin | None = None


@dataclass(slots=True)
class Ending:
    """Whether the transaction that ends an attempt's item was committed."""

    committed: bool = False


@dataclass(frozen=True, slots=True)
class WorkItem:
    """A leased item. ``attempts`` counts this one; outside calls must end well before ``leased_until``.

    ``lapsed``: the worker that had it before went away without a word, perhaps because of it.
    """

    id: UUID
    kind: str
    subject: str
    vault_id: str
    payload: dict[str, JSON]
    cause: Cause
    priority: int
    attempts: int
    lease_token: UUID
    leased_until: datetime
    created_at: datetime
    origin: Origin | None = None
    lapsed: bool = False
    ending: Ending = field(default_factory=Ending, compare=False, repr=False)

    def traced_facts(self) -> dict[str, str | int]:
        """What a trace shows of an attempt."""
        return {
            "drawbridge.correlation_id": self.cause.correlation_id,
            "drawbridge.causation_id": str(self.cause.causation_id or ""),
            "drawbridge.subject": self.subject,
            "drawbridge.vault_id": self.vault_id,
            "drawbridge.attempt": self.attempts,
        }


def held(table: Table, items: Iterable[WorkItem]) -> Select[tuple[UUID]]:
    """The ids of those items whose leases are still ours, locked.

    All who lock several do it in this order, so that nobody waits in a circle.
    """
    pairs = [(item.id, item.lease_token) for item in items]
    ours = tuple_(table.c.id, table.c.lease_token).in_(pairs)
    return select(table.c.id).where(ours).order_by(table.c.id).with_for_update()
