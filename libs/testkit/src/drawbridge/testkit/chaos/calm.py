"""Before the faults: how fast things are in peace, with and without poison (promises R4 and R7)."""

import asyncio
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from uuid import UUID

from drawbridge.testkit.chaos.asked import request_for
from drawbridge.testkit.chaos.chance import seeded
from drawbridge.testkit.chaos.checker.promise import Promise, p, seconds
from drawbridge.testkit.chaos.checker.schemas import Schemas
from drawbridge.testkit.chaos.doors import until
from drawbridge.testkit.chaos.scene import Scene
from drawbridge.testkit.chaos.workload.publishing import new_id, publish_poison

RATE = 100
"""Messages a second."""

_MESSAGES = 200
_TURNS = 2
_POISON_EVERY = 100
_WARM_UP = 100
_WORST_LAG = 1.0
_WORST_RATIO = 3.0
_FLOOR = 0.05
"""Seconds below which a latency is as good as any: a busy machine's own noise."""


@dataclass
class Calm:
    """Seconds that good messages took without and with 1 % poison among them; ``lag`` is promise R7."""

    healthy: list[float]
    mixed: list[float]
    lag: Promise

    @property
    def ratio(self) -> float:
        """How many times as high the 99th percentile is with poison; noise below the floor is none."""
        return max(p(99, self.mixed), _FLOOR) / max(p(99, self.healthy), _FLOOR)

    def add_to(self, promise: Promise) -> None:
        """Add to promise R4 that healthy messages hardly notice poison."""
        promise.figures["healthy_p99"] = seconds(p(99, self.healthy))
        promise.figures["with_poison_p99"] = seconds(p(99, self.mixed))
        promise.figures["ratio"] = f"{self.ratio:.2f}"
        if self.ratio > _WORST_RATIO:
            promise.broken.append(f"healthy p99 is {self.ratio:.2f} times as high with poison")


async def measure_calm(scene: Scene, seed: int) -> Calm:
    """Send messages at the rate: by turns only good ones, and with 1 % poison among them."""
    chance = seeded(seed, "calm")
    await _send(scene, chance, _WARM_UP, poison=False)
    began = datetime.now(UTC)
    healthy: list[float] = []
    mixed: list[float] = []
    for _ in range(_TURNS):
        healthy += await _send(scene, chance, _MESSAGES, poison=False)
        mixed += await _send(scene, chance, _MESSAGES, poison=True)
    return Calm(healthy, mixed, await _lag(scene, began, datetime.now(UTC)))


async def _send(scene: Scene, chance: Random, number: int, *, poison: bool) -> list[float]:
    """Publish at the rate; the seconds from each confirm until the request was committed."""
    subject = scene.probe_subject
    if subject is None:
        raise ValueError("The scene is not set up.")
    sent: dict[str, float] = {}
    began = time.monotonic()
    for index in range(number):
        await asyncio.sleep(max(0.0, began + index / RATE - time.monotonic()))
        if poison and index % _POISON_EVERY == _POISON_EVERY // 2:
            await publish_poison(scene, chance)
            continue
        message = request_for(subject, new_id(chance))
        if message.id is not None and await scene.publisher.send(message):
            scene.asked.publish(message, subject)
            sent[message.id] = time.time()
    return await until("not all messages were handled", lambda: _latencies(scene, sent))


async def _latencies(scene: Scene, sent: dict[str, float]) -> list[float] | None:
    """None while one of them is missing; such requests are refused at once, as already imported."""
    subject = scene.probe_subject
    path = f"/v1/vaults/{subject.vault if subject else ''}/requests"
    finished = {each["message_id"]: each["finished_at"] for each in await scene.gateway.pages(path)}
    if any(not finished.get(identity) for identity in sent):
        return None
    return [
        max(0.0, datetime.fromisoformat(finished[str(UUID(identity))]).timestamp() - moment)
        for identity, moment in sent.items()
    ]


async def _lag(scene: Scene, began: datetime, ended: datetime) -> Promise:
    async with Schemas.open(scene.stack.configuration.addresses.database_url) as schemas:
        lags = await schemas.lags(began, ended)
    worst = p(99, lags)
    rate = len(lags) / max((ended - began).total_seconds(), 0.001)
    figures: dict[str, object] = {
        "messages": len(lags),
        "rate": f"{rate:.0f}/s",
        "p50": seconds(p(50, lags)),
        "p99": seconds(worst),
    }
    broken = [f"outbox lag p99 is {worst:.2f} seconds"] if worst >= _WORST_LAG else []
    return Promise("R7", figures, broken)
