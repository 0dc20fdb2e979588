"""Snapshots: an owner tells its whole state again, readers rebuild what they keep of it (ADR 0007)."""

from drawbridge.persistence.snapshots.asking import snapshot_works
from drawbridge.persistence.snapshots.keeping import keep
from drawbridge.persistence.snapshots.owned import Owned
from drawbridge.persistence.snapshots.reading import (
    Kept,
    Lost,
    SnapshotReader,
    lost_epochs,
    mark,
    note_finished,
)
from drawbridge.persistence.snapshots.restoring import Restored, after_restore
from drawbridge.persistence.snapshots.telling import SnapshotWork

__all__ = [
    "Kept",
    "Lost",
    "Owned",
    "Restored",
    "SnapshotReader",
    "SnapshotWork",
    "after_restore",
    "keep",
    "lost_epochs",
    "mark",
    "note_finished",
    "snapshot_works",
]
