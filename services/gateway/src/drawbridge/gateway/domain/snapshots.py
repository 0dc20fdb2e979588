"""A snapshot as the API shows it: how far it is, at its owner and here."""

from typing import Literal

from drawbridge.contracts.errors import Problem
from drawbridge.contracts.snapshots import Owner, SnapshotId
from drawbridge.contracts.values import Timestamp, Value

SnapshotStatus = Literal["requested", "running", "arriving", "done", "failed", "replaced"]
"""``running``: its owner tells it; ``arriving``: all is sent, not all here; ``replaced``: by a newer one."""


class Snapshot(Value):
    """One snapshot. ``removed`` says how many rows the owner did not know, by message type."""

    id: SnapshotId
    owner: Owner
    status: SnapshotStatus
    sent: int
    total: int
    problem: Problem | None
    requested_by: str | None
    requested_at: Timestamp | None
    started_at: Timestamp | None
    settled_at: Timestamp | None
    counts: dict[str, int] | None
    removed: dict[str, int] | None


def status_of(*, newest: bool, settled: bool, finished: bool, failed: bool, sent: int) -> SnapshotStatus:
    """The status in one word."""
    if settled:
        return "done"
    if not newest:
        return "replaced"
    if failed:
        return "failed"
    if finished:
        return "arriving"
    return "running" if sent else "requested"
