"""What becomes of webhooks on their way, and what was delivered."""

from fastapi import APIRouter
from pydantic import BaseModel

from drawbridge.sandbox.procore.queries import Double
from drawbridge.sandbox.procore.values import Record
from drawbridge.sandbox.procore.webhooks import Road

router = APIRouter(prefix="/control/webhooks")


class Deliveries(BaseModel):
    """How deliveries fare from now on, and which kinds of records hooks are offered, if that changes."""

    road: Road = "clear"
    offered: dict[str, list[str]] | None = None


@router.put("", status_code=204)
async def set_road(wanted: Deliveries, procore: Double) -> None:
    """Lose or double what is delivered from now on, or deliver it as usual."""
    procore.webhooks.road = wanted.road
    if wanted.offered is not None:
        procore.webhooks.offered = wanted.offered


@router.get("/deliveries")
async def list_deliveries(procore: Double) -> list[Record]:
    """Every event, with the statuses that its attempts were answered with."""
    return [
        {"hook_id": each.hook_id, "status": each.status, "answers": each.answers, "payload": each.payload}
        for each in procore.webhooks.deliveries
    ]


@router.get("/hooks")
async def list_all_hooks(procore: Double) -> list[Record]:
    """Every hook of every project, with its triggers."""
    return [
        hook.public | {"triggers": list(hook.triggers.values())} for hook in procore.webhooks.hooks.values()
    ]
