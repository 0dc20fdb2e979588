"""Procore itself misbehaves: answers are lost after applying, calls are applied late, limits are reached."""

from functools import partial

from drawbridge.testkit.chaos.faults.fault import Fault, Ground, hold
from drawbridge.testkit.stack.doors import Json

LATE_SECONDS = 6.0
"""How late a call is applied: longer than the doubt in a chaos run, shorter than the time to list again."""

_ORDERS: dict[str, Json] = {
    "drops answers": {"kind": "apply_then_drop", "match": {"method": "POST"}, "times": 2},
    "applies late": {"kind": "apply_late", "match": {"method": "POST"}, "times": 2, "seconds": LATE_SECONDS},
    "drops answers to deletes": {"kind": "apply_then_drop", "match": {"method": "DELETE"}, "times": 2},
    "fails": {"kind": "fail", "status": 500, "times": 5},
    "is overloaded": {"kind": "fail", "status": 503, "times": 3, "seconds": 2},
    "reaches its limit": {"kind": "exhaust_limit", "times": 1, "seconds": 5},
    "is slow": {"kind": "delay", "times": 5, "seconds": 4},
    "forgets tokens": {"kind": "expire_token", "times": 2},
}


async def _order(order: Json, ground: Ground, seconds: float) -> None:
    await ground.scene.procore.send("POST", "/control/faults", dict(order))
    await hold(seconds)


def procore_faults() -> list[Fault]:
    """All faults of Procore."""
    return [
        Fault(f"procore {name}", "procore", partial(_order, order), 2, 6) for name, order in _ORDERS.items()
    ]
