"""Snapshots: an owner tells its whole state again, so that readers can rebuild what they keep of it.

A snapshot is the owner's usual state events with ``snapshot_id`` set and their versions unchanged, then its
history, then `SnapshotFinished` with counts. Nothing of it is ordered; the counts tell when all has come.
"""

from datetime import datetime
from secrets import token_hex
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from drawbridge.contracts.errors import Problem
from drawbridge.contracts.message import Command, Event
from drawbridge.contracts.values import Change, SubjectVersion, Timestamp, Value

Owner = Literal["gateway", "import-service", "cloud-service", "payment-backfiller"]
"""The services; each owns the subjects that it tells of."""

SnapshotId = Annotated[
    str, Field(pattern=r"^\d{8}T\d{12}Z-[0-9a-f]{8}$", examples=["20260301T080000000000Z-5f7a0d2e"])
]
"""When the snapshot was asked for (UTC), and some chance: of two, the later one sorts last."""


def new_snapshot_id(now: datetime) -> str:
    """An id for a snapshot that is asked for now (UTC)."""
    return f"{now:%Y%m%dT%H%M%S%f}Z-{token_hex(4)}"


EVERY_SERVICE = "every-service"
"""The routing key of commands that all services get."""


class RequestSnapshot(Command):
    """Asks one service, the owner, to tell its whole state again; the others pass it over.

    A newer request ends an unfinished older one of the same owner: every reader takes every snapshot.
    """

    TYPE: ClassVar[str] = "drawbridge.snapshot.requested.v1"
    TO: ClassVar[str] = EVERY_SERVICE

    snapshot_id: SnapshotId
    owner: Owner
    requested_by: str

    def subject(self) -> str:
        """``snapshot/<owner>/<snapshot>``."""
        return f"snapshot/{self.owner}/{self.snapshot_id}"


class SnapshotEvent(Event):
    """Base of what an owner says about one snapshot."""

    snapshot_id: SnapshotId
    owner: Owner

    def subject(self) -> str:
        """``snapshot/<owner>/<snapshot>``."""
        return f"snapshot/{self.owner}/{self.snapshot_id}"


class SnapshotProgress(SnapshotEvent):
    """How far a snapshot is: ``sent`` of about ``total`` subjects; ``problem`` says why it was given up."""

    TYPE: ClassVar[str] = "drawbridge.snapshot.progress.v1"

    sent: int
    total: int
    problem: Problem | None = None


class SnapshotFinished(SnapshotEvent):
    """All of a snapshot is sent. ``counts`` says how many state events there are of each type.

    What a reader keeps of this owner, and the snapshot does not name, is gone if its last event is not later
    than ``started_at``, or of an epoch before ``epoch``.
    """

    TYPE: ClassVar[str] = "drawbridge.snapshot.finished.v1"

    epoch: int
    started_at: Timestamp
    counts: dict[str, int]


class HistoryLine(Value):
    """One change of one subject; ``version`` orders the changes."""

    subject: str
    version: SubjectVersion
    change: Change


class HistoryTold(SnapshotEvent):
    """Lines of the owner's history, some hundred at once."""

    TYPE: ClassVar[str] = "drawbridge.history.told.v1"

    lines: tuple[HistoryLine, ...]
