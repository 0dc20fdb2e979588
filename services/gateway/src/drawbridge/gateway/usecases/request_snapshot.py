"""Ask a service to tell its whole state again, and show how far that is."""

from drawbridge.contracts.snapshots import Owner, RequestSnapshot, new_snapshot_id
from drawbridge.gateway.domain.snapshots import Snapshot
from drawbridge.gateway.store.snapshots import begin_snapshot, get_snapshot, list_snapshots
from drawbridge.gateway.usecases.record import record
from drawbridge.gateway.usecases.tools import Asking, Tools

_LATEST = 100


async def request_snapshot(tools: Tools, asking: Asking, owner: Owner) -> Snapshot:
    """Send the request; a newer one ends an unfinished older one of the same owner."""
    async with tools.database.transaction() as tx:
        request = RequestSnapshot(
            snapshot_id=new_snapshot_id(tx.now), owner=owner, requested_by=asking.caller.name
        )
        await begin_snapshot(tx.session, request, tx.now)
        tx.send(request, cause=asking.cause)
        await record(tx, asking, "request_snapshot", request.subject(), vault_id=None)
        return await get_snapshot(tx.session, request.snapshot_id)


async def show_snapshot(tools: Tools, snapshot_id: str) -> Snapshot:
    """One snapshot.

    Raises:
        NotFound: when nothing was heard of it.
    """
    async with tools.database.reading() as session:
        return await get_snapshot(session, snapshot_id)


async def show_snapshots(tools: Tools) -> list[Snapshot]:
    """The latest snapshots, the newest first."""
    async with tools.database.reading() as session:
        return await list_snapshots(session, _LATEST)
