"""Requests for a snapshot become work items."""

from collections.abc import Iterable
from typing import Protocol

from pydantic import BaseModel, Field

from drawbridge.contracts.envelope import Cause
from drawbridge.contracts.message import Message
from drawbridge.contracts.snapshots import Owner, RequestSnapshot
from drawbridge.contracts.values import Timestamp
from drawbridge.persistence.raw import Origin
from drawbridge.persistence.snapshots.owned import Key
from drawbridge.persistence.work_item import BULK, NewWork

KIND = "snapshot"


class Position(BaseModel):
    """How far a snapshot is; the payload of its work item. ``kind`` counts the owned kinds, then history."""

    started_at: Timestamp | None = None
    epoch: int = 0
    total: int = 0
    kind: int = 0
    after: Key | None = None
    counts: dict[str, int] = Field(default_factory=dict)


class Asking(Protocol):
    """A received message."""

    @property
    def message(self) -> Message:
        """What it says."""
        ...

    @property
    def cause(self) -> Cause:
        """It, as the cause of what follows."""
        ...

    @property
    def origin(self) -> Origin:
        """It, as it came."""
        ...


def snapshot_works(service: Owner, received: Iterable[Asking]) -> list[NewWork]:
    """The work items that answer the requests among the messages; those to other services are passed over."""
    return [
        snapshot_work(each.message, each.cause, each.origin)
        for each in received
        if isinstance(each.message, RequestSnapshot) and each.message.owner == service
    ]


def snapshot_work(request: RequestSnapshot, cause: Cause, origin: Origin | None = None) -> NewWork:
    """The work item that answers a request."""
    return NewWork(
        kind=KIND,
        subject=request.snapshot_id,
        vault_id="",
        payload=Position().model_dump(mode="json"),
        cause=cause,
        priority=BULK,
        unique=True,
        origin=origin,
    )
