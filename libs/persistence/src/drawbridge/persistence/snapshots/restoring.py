"""After a restore: raise the epoch and re-version every subject, so that the restored schema is believed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import cast

from sqlalchemy import func, insert, update

from drawbridge.contracts.envelope import Cause
from drawbridge.contracts.snapshots import Owner, RequestSnapshot, new_snapshot_id
from drawbridge.contracts.values import Change, version_after
from drawbridge.persistence.database import Database
from drawbridge.persistence.epoch import raise_epoch
from drawbridge.persistence.snapshots.asking import snapshot_work
from drawbridge.persistence.snapshots.owned import Owned, next_page
from drawbridge.runtime import utc_now

_PAGE = 1000
BY = "after-restore"


@dataclass(frozen=True, slots=True)
class Restored:
    """What was done: the new epoch, and the snapshot that the worker tells next."""

    epoch: int
    subjects: int
    snapshot_id: str


async def after_restore(
    database: Database, owned: Sequence[Owned], reads: Sequence[Owner], say: Callable[[str], None]
) -> Restored:
    """Give every subject a version of a new epoch, ask for our own snapshot, and for those that we read.

    Safe to repeat: the epoch is then raised once more. Run it while the service's worker is stopped.
    """
    async with database.transaction() as tx:
        epoch = await raise_epoch(database, tx)
    subjects = 0
    for each in owned:
        count = await _raise_versions(database, each, epoch)
        say(f"{each.subject[0]}: {count} subjects have a version of epoch {epoch}.")
        subjects += count
    snapshot_id = new_snapshot_id(utc_now())
    cause = Cause.new()
    ours = RequestSnapshot(snapshot_id=snapshot_id, owner=cast("Owner", database.service), requested_by=BY)
    async with database.transaction() as tx:
        await tx.add_work(snapshot_work(ours, cause))
        for owner in reads:
            tx.send(
                RequestSnapshot(snapshot_id=new_snapshot_id(tx.now), owner=owner, requested_by=BY),
                cause=cause,
            )
    return Restored(epoch, subjects, snapshot_id)


async def _raise_versions(database: Database, owned: Owned, epoch: int) -> int:
    """Page by page; each new version is a line of the history."""
    after, count = None, 0
    version = owned.table.c.version
    raised = update(owned.table).values(version=func.greatest(version + 1, version_after(None, epoch)))
    while True:
        async with database.transaction() as tx:
            page = await next_page(tx.session, owned, after, _PAGE)
            if page is None:
                return count
            rows = await tx.session.execute(raised.where(page.rows).returning(owned.name, version))
            change = Change(what="restored", at=tx.now).model_dump(mode="json")
            lines = [{"subject": name, "version": new, "change": change} for name, new in rows]
            await tx.session.execute(insert(database.tables.history), lines)
            after, count = page.last, count + len(lines)
