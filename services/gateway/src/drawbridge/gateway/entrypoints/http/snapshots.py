"""Snapshots: have a service tell its whole state again, so that all others rebuild what they keep of it."""

from fastapi import APIRouter, Response
from pydantic import BaseModel

from drawbridge.contracts.snapshots import Owner, SnapshotId
from drawbridge.gateway.domain.snapshots import Snapshot
from drawbridge.gateway.entrypoints.http.asking import OperatorOf, ToolsOf
from drawbridge.gateway.entrypoints.http.bodies import Body
from drawbridge.gateway.entrypoints.http.idempotency import OperatorOnce
from drawbridge.gateway.entrypoints.http.problems import declared
from drawbridge.gateway.usecases.request_snapshot import request_snapshot, show_snapshot, show_snapshots

router = APIRouter(prefix="/v1/snapshots", tags=["snapshots"])


class SnapshotBody(Body):
    """Whose state is told again."""

    owner: Owner


class SnapshotList(BaseModel):
    """The latest snapshots."""

    items: list[Snapshot]


@router.post("", summary="Request a snapshot", status_code=202, responses=declared(409))
async def post_snapshot(
    tools: ToolsOf, asking: OperatorOnce, body: SnapshotBody, response: Response
) -> Snapshot:
    """Ask a service to tell its whole state again; `Location` shows how far it is."""
    snapshot = await request_snapshot(tools, asking, body.owner)
    response.headers["Location"] = f"/v1/snapshots/{snapshot.id}"
    return snapshot


@router.get("", summary="List snapshots", responses=declared())
async def list_snapshots(tools: ToolsOf, _asking: OperatorOf) -> SnapshotList:
    """The latest snapshots, the newest first."""
    return SnapshotList(items=await show_snapshots(tools))


@router.get("/{snapshot_id}", summary="Show a snapshot", responses=declared(404))
async def get_snapshot(tools: ToolsOf, _asking: OperatorOf, snapshot_id: SnapshotId) -> Snapshot:
    """How far it is: `done` once the gateway has all of it and has removed what the owner does not know."""
    return await show_snapshot(tools, snapshot_id)
