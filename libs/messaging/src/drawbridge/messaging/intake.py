"""The intake: deliveries become committed rows, and only then are they acknowledged.

No handler waits for anything outside; what takes time becomes a work item. Every branch settles, except
when the process or its connection goes away: then the broker delivers again, and the inbox knows.
"""

import asyncio
from collections.abc import Sequence

from aiormq.abc import DeliveredMessage

from drawbridge.messaging.applying import Applying, Entry
from drawbridge.messaging.broker import Broker
from drawbridge.messaging.lane import Lane
from drawbridge.messaging.received import Decode, IntakeHandler, decode_envelope
from drawbridge.messaging.wire import read_delivery
from drawbridge.persistence import Database
from drawbridge.runtime import back_off, failpoints, get_logger, is_transient, pause
from drawbridge.runtime.metrics import INTAKE_BATCH, INTAKE_IN_HAND

_BEFORE_ACK = failpoints.declare("intake.before_ack")
_AFTER_ACK = failpoints.declare("intake.after_ack")
_PATIENT_TRIES = 3
"""Tries of first deliveries that deadlock or time out, before the batch is split and they are given back."""
_log = get_logger(__name__)


class Intake:
    """The component that takes one queue's messages into a service's database."""

    def __init__(
        self,
        broker: Broker,
        database: Database,
        queue: str,
        handler: IntakeHandler,
        *,
        decode: Decode = decode_envelope,
        batch: int = 200,
    ) -> None:
        self.name = f"intake {queue}"
        self._broker = broker
        self._queue = queue
        self._batch = batch
        self._applying = Applying(database, queue, handler, decode)
        self._lane: Lane | None = None
        self._failing = False

    def ready(self) -> bool:
        """True while the broker delivers to us and the database takes it."""
        return self._lane is not None and self._lane.alive and not self._failing

    async def run(self, stop: asyncio.Event) -> None:
        """Take until ``stop`` is set, then settle what has been delivered and cancel."""
        async with self._broker.consuming() as channel:
            lane = Lane(channel, self._queue, self._batch)
            stopping = asyncio.create_task(_wake_on(stop, lane))
            try:
                await lane.open()
                self._lane = lane
                while not stop.is_set():
                    await self._round(lane, stop)
                await lane.stop_taking()
                while lane.in_hand:
                    await self._round(lane, stop)
            finally:
                self._lane = None
                stopping.cancel()

    async def _round(self, lane: Lane, stop: asyncio.Event) -> None:
        taken = await lane.take(stop)
        if not taken:
            return
        INTAKE_BATCH.labels(self._queue).observe(len(taken))
        INTAKE_IN_HAND.labels(self._queue).set(len(taken) + lane.in_hand)
        requeued = await self._apply(lane, taken, stop)
        failpoints.hit(_BEFORE_ACK)
        await lane.settle(taken, requeued)
        failpoints.hit(_AFTER_ACK)
        INTAKE_IN_HAND.labels(self._queue).set(lane.in_hand)

    async def _apply(
        self, lane: Lane, taken: Sequence[DeliveredMessage], stop: asyncio.Event
    ) -> list[DeliveredMessage]:
        """Apply the deliveries, waiting while the database is away; gives those to deliver again."""
        entries: list[Entry] = self._applying.read([read_delivery(each, self._queue) for each in taken])
        failures = 0
        while True:
            try:
                patient = failures < _PATIENT_TRIES and not taken[0].redelivered
                numbers = await self._applying.apply(entries, patient=patient)
            except Exception as error:
                if not is_transient(error) or stop.is_set() or not lane.alive:
                    raise
                failures += 1
                self._failing = True
                _log.warning("intake.waiting", queue=self._queue, error=str(error))
                await pause(stop, back_off(failures))
            else:
                self._failing = False
                return [taken[number] for number in numbers]


async def _wake_on(stop: asyncio.Event, lane: Lane) -> None:
    await stop.wait()
    lane.wake()
