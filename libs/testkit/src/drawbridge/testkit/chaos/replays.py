"""Everything is sent again, and nothing more happens (promise R9)."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import SecretStr

from drawbridge.persistence import Database, OutboxReader
from drawbridge.testkit.chaos.checker.promise import Promise
from drawbridge.testkit.chaos.checker.seen import Seen
from drawbridge.testkit.chaos.faults import Ground
from drawbridge.testkit.chaos.recovery import recovered
from drawbridge.testkit.chaos.scene import Scene
from drawbridge.testkit.stack import Stack
from drawbridge.testkit.stack.configuration import SCHEMAS
from drawbridge.testkit.stack.doors import until

TIMES = 10
_MESSAGES = 20
_PATIENCE = 120.0


async def check_replays(ground: Ground) -> Promise:
    """R9: some messages ten times, and every message of every outbox once more, change nothing."""
    scene = ground.scene
    before = await _effects(scene)
    known = list(scene.asked.published.values())[-_MESSAGES:]
    for _ in range(TIMES):
        for each in known:
            await scene.publisher.send(each.message)
    republished = sum([await _republish(ground.stack, service) for service in SCHEMAS])
    await recovered(ground, _PATIENCE)
    await asyncio.sleep(1)
    after = await _effects(scene)
    changed = [f"{what} differs after the replay" for what in before if before[what] != after[what]]
    figures: dict[str, object] = {
        "replayed": len(known) * TIMES,
        "republished": republished,
        "effects": 1 if not changed else "more",
    }
    return Promise("R9", figures, changed)


async def _republish(stack: Stack, service: str) -> int:
    """As ``drawbridge republish`` does; waits until all went out."""
    url = SecretStr(stack.configuration.database_url(service))
    database = Database(url, schema=SCHEMAS[service], service=service, pool_size=2)
    try:
        outbox = OutboxReader(database)
        number = await outbox.republish(datetime.now(UTC) - timedelta(days=1))

        async def empty() -> bool | None:
            return True if await outbox.count() == 0 else None

        await until(f"the outbox of {service} did not empty", empty, _PATIENCE)
        return number
    finally:
        await database.dispose()


async def _effects(scene: Scene) -> dict[str, Any]:
    """What must not change by a replay; probes' own requests and operations are left out."""
    seen = await Seen.read(scene, {})
    probe = scene.probe_subject.requisition_id if scene.probe_subject else None
    return {
        "grid": _facts(seen.rows, "requisition_id", "import_state", "invoice_id", "procore_status"),
        "AP invoices": _facts(seen.invoices, "id", "status", "version"),
        "requests": _facts(
            {
                vault: [each for each in page if each["requisition_id"] != probe]
                for vault, page in seen.requests.items()
            },
            "id",
            "status",
        ),
        "allocations": sorted(
            (each["id"], each["write_back"]["state"]) for page in seen.allocations.values() for each in page
        ),
        "bills": sorted((each["bill_id"], str(each["total"])) for each in seen.bills),
        "contract payments": sorted(each["id"] for each in seen.contract_payments),
        "parked": sorted(each["id"] for each in seen.parked),
    }


def _facts(pages: dict[str, list[dict[str, Any]]], *members: str) -> list[tuple[str, ...]]:
    return sorted(tuple(str(each[name]) for name in members) for page in pages.values() for each in page)
