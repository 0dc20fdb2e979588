"""Before the faults: how fast things are in peace, with and without poison (promises R4 and R7)."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from uuid import UUID

from drawbridge.contracts.message import PUBLIC
from drawbridge.messaging.outside import OutsideMessage, publishing
from drawbridge.testkit.chaos.asked import Subject, request_for
from drawbridge.testkit.chaos.chance import seeded
from drawbridge.testkit.chaos.checker.promise import Promise, p, seconds
from drawbridge.testkit.chaos.checker.schemas import Schemas
from drawbridge.testkit.chaos.scene import Scene
from drawbridge.testkit.chaos.workload.publishing import new_id, publish_poison
from drawbridge.testkit.stack.doors import until

RATE = 100
"""Messages a second."""

MESSAGES = 200
"""In each of the turns of a long run."""

_TURNS = 2
_POISON_EVERY = 100
_WORST_LAG = 1.0
_WORST_RATIO = 3.0
_FLOOR = 0.05
"""Seconds below which a latency is as good as any: a busy machine's own noise."""


type Span = tuple[datetime, datetime, datetime]
"""When the first message of a turn was sent, when the last one was confirmed, when all were handled."""


@dataclass
class Calm:
    """Seconds that good messages took without and with 1 % poison among them; ``lag`` is promise R7.

    Limits are multiplied by ``loose``.
    """

    healthy: list[float]
    mixed: list[float]
    lag: Promise
    loose: float

    @property
    def ratio(self) -> float:
        """How many times as high the 99th percentile is with poison; noise below the floor is none."""
        return max(p(99, self.mixed), _FLOOR) / max(p(99, self.healthy), _FLOOR)

    def add_to(self, promise: Promise) -> None:
        """Add to promise R4 that healthy messages hardly notice poison."""
        promise.figures["healthy_p99"] = seconds(p(99, self.healthy))
        promise.figures["with_poison_p99"] = seconds(p(99, self.mixed))
        promise.figures["ratio"] = f"{self.ratio:.2f}"
        if self.ratio > _WORST_RATIO * self.loose:
            promise.broken.append(f"healthy p99 is {self.ratio:.2f} times as high with poison")


async def measure_calm(scene: Scene, seed: int, messages: int, loose: float) -> Calm:
    """Send messages at the rate: by turns only good ones, and with 1 % poison among them."""
    chance = seeded(seed, "calm")
    await _turn(scene, chance, messages // 2, poison=False)
    taken: dict[bool, list[float]] = {False: [], True: []}
    spans: list[Span] = []
    for _ in range(_TURNS):
        for poison in taken:
            seconds_each, span = await _turn(scene, chance, messages, poison=poison)
            taken[poison] += seconds_each
            spans.append(span)
    return Calm(taken[False], taken[True], await _lag(scene, messages, spans, loose), loose)


async def _turn(scene: Scene, chance: Random, number: int, *, poison: bool) -> tuple[list[float], Span]:
    """Send messages, each at its own time; the seconds from each confirm until the request was committed."""
    subject = _subject(scene)
    sent: dict[str, float] = {}
    began, first = time.monotonic(), datetime.now(UTC)

    async def send(index: int, message: OutsideMessage) -> None:
        await asyncio.sleep(max(0.0, began + index / RATE - time.monotonic()))
        identity = await publisher.publish(PUBLIC, "reprocess", message)
        scene.asked.publish(message, subject)
        sent[identity] = time.time()

    async with publishing(scene.at.amqp_url) as publisher, asyncio.TaskGroup() as sends:
        for index in range(number):
            if poison and index % _POISON_EVERY == _POISON_EVERY // 2:
                sends.create_task(publish_poison(scene, chance))
            else:
                sends.create_task(send(index, request_for(subject, new_id(chance))))
    confirmed = datetime.now(UTC)
    latencies = await until("not all messages were handled", lambda: _latencies(scene, sent))
    return latencies, (first, confirmed, datetime.now(UTC))


def _subject(scene: Scene) -> Subject:
    if scene.probe_subject is None:
        raise ValueError("The scene is not set up.")
    return scene.probe_subject


async def _latencies(scene: Scene, sent: dict[str, float]) -> list[float] | None:
    """None while one of them is missing; such requests are refused at once, as already imported."""
    path = f"/v1/vaults/{_subject(scene).vault}/requests"
    finished = {each["message_id"]: each["finished_at"] for each in await scene.gateway.pages(path)}
    if any(not finished.get(identity) for identity in sent):
        return None
    return [
        max(0.0, datetime.fromisoformat(finished[str(UUID(identity))]).timestamp() - moment)
        for identity, moment in sent.items()
    ]


async def _lag(scene: Scene, messages: int, spans: Sequence[Span], loose: float) -> Promise:
    """R7, of what was committed while messages were sent at the rate; the rate is what was really sent."""
    lags: list[float] = []
    async with Schemas.open(scene.at.database_url) as schemas:
        for began, _, handled in spans:
            lags += await schemas.lags(began, handled)
    sending = sum((confirmed - began).total_seconds() for began, confirmed, _ in spans)
    taking = sum((handled - began).total_seconds() for began, _, handled in spans)
    worst = p(99, lags)
    figures: dict[str, object] = {
        "in": f"{messages * len(spans) / sending:.0f}/s",
        "out": f"{len(lags) / taking:.0f}/s",
        "p50": seconds(p(50, lags)),
        "p99": seconds(worst),
    }
    broken = [f"outbox lag p99 is {worst:.2f} seconds"] if worst >= _WORST_LAG * loose else []
    return Promise("R7", figures, broken)
