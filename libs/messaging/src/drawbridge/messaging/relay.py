"""The relay: publishes what is in the outbox, each row until the broker has confirmed it.

At least once: a crash between confirm and mark sends a row again under the same id.
"""

import asyncio
from collections.abc import Awaitable, Iterable, Sequence
from datetime import datetime
from itertools import batched

from aio_pika.exceptions import ChannelClosed, DeliveryError, PublishError

from drawbridge.messaging.broker import Broker
from drawbridge.messaging.pipelined import Pipelined
from drawbridge.persistence import Database, Listener, OutboxReader, Unsent
from drawbridge.runtime import failpoints, get_logger, tracing, utc_now
from drawbridge.runtime.metrics import (
    OUTBOX_FAILED,
    OUTBOX_LAG,
    OUTBOX_PUBLISHED,
    OUTBOX_QUARANTINED,
)

_AFTER_SELECT = failpoints.declare("relay.after_select")
_AFTER_PUBLISH = failpoints.declare("relay.after_publish")
_AFTER_MARK = failpoints.declare("relay.after_mark")
_AT_ONCE = 1_000
"""Rows read at once: not more, because all their bodies are in memory."""
_PORTION = 250
_PORTIONS_OUTSTANDING = 2
_PUBLISH_SECONDS = 5.0
_log = get_logger(__name__)

type Failed = tuple[Unsent, BaseException]


class Relay:
    """The component that empties one schema's outbox; of several, only one is active at a time."""

    def __init__(self, database: Database, broker: Broker) -> None:
        self.name = "relay"
        self._schema = database.schema
        self._database = database
        self._broker = broker
        self._outbox = OutboxReader(database)
        self._connected = False
        self._singly = 0

    def ready(self) -> bool:
        """True while active, or standing by for the active one."""
        return self._connected

    async def run(self, stop: asyncio.Event) -> None:
        """Wait to become the active relay, then publish until ``stop`` is set."""
        try:
            async with Listener(self._database, "outbox") as listener:
                self._connected = True
                while not stop.is_set() and not await listener.lock():
                    await listener.wait(stop)
                if not stop.is_set():
                    await self._relay(listener, stop)
        finally:
            self._connected = False

    async def _relay(self, listener: Listener, stop: asyncio.Event) -> None:
        _log.info("relay.active", schema=self._schema)
        async with self._broker.publishing() as channel:
            pipelined = await Pipelined.on(channel)
            channel.close_callbacks.add(lambda *_: listener.wake())
            while not stop.is_set():
                pipelined.require_open()
                if not await self._round(pipelined):
                    await listener.wait(stop)

    async def _round(self, pipelined: Pipelined) -> bool:
        """Publish what is unsent and due; true when there may be more.

        In portions: one is marked sent while the next is on its way, and two are never unconfirmed.
        """
        rows = _one_for_each_id(await self._outbox.unsent(1 if self._singly else _AT_ONCE))
        if not rows:
            return False
        failpoints.hit(_AFTER_SELECT)
        gate = asyncio.Semaphore(_PORTIONS_OUTSTANDING)
        portions = [self._send(pipelined, portion, gate) for portion in batched(rows, _PORTION)]
        failed = await _all(portions)
        for row, error in failed:
            await self._failed(row, error, len(rows))
        self._singly = max(0, self._singly - 1)
        return len(failed) < len(rows)

    async def _send(
        self, pipelined: Pipelined, rows: Sequence[Unsent], gate: asyncio.Semaphore
    ) -> list[Failed]:
        """Publish a portion and mark what was confirmed; gives the rest with the reasons."""
        async with gate:
            errors = await pipelined.publish(rows, _PUBLISH_SECONDS)
        failpoints.hit(_AFTER_PUBLISH)
        results = list(zip(rows, errors, strict=True))
        await self._mark([row for row, error in results if error is None])
        failpoints.hit(_AFTER_MARK)
        return [(row, error) for row, error in results if error is not None]

    async def _mark(self, rows: Sequence[Unsent]) -> None:
        await self._outbox.mark_published([row.row_id for row in rows])
        OUTBOX_PUBLISHED.labels(self._schema).inc(len(rows))
        lag, now = OUTBOX_LAG.labels(self._schema), utc_now()
        for row in rows:
            lag.observe(max(0.0, (now - row.created_at).total_seconds()))
            _trace(row, now)

    async def _failed(self, row: Unsent, error: BaseException, at_once: int) -> None:
        """Postpone what nobody takes; any other failure is the connection's and ends this run."""
        if isinstance(error, PublishError):
            await self._postpone(row, f"No queue takes {row.routing_key!r} from {row.exchange!r}.")
        elif isinstance(error, DeliveryError):
            OUTBOX_FAILED.labels(self._schema, "nacked").inc()
        elif isinstance(error, ChannelClosed) and at_once == 1:
            self._singly = 0
            await self._postpone(row, f"The broker refused {row.exchange!r}: {error}")
            raise error
        else:
            # One bad row closes the channel for all: find it by sending as many one at a time.
            self._singly = at_once if isinstance(error, ChannelClosed) else self._singly
            OUTBOX_FAILED.labels(self._schema, "connection").inc()
            raise error

    async def _postpone(self, row: Unsent, error: str) -> None:
        OUTBOX_FAILED.labels(self._schema, "unroutable").inc()
        quarantined = await self._outbox.postpone(row, error)
        if quarantined:
            OUTBOX_QUARANTINED.labels(self._schema).inc()
        log = _log.error if quarantined else _log.warning
        log("relay.quarantined" if quarantined else "relay.postponed", row=str(row.row_id), problem=error)


def _trace(row: Unsent, confirmed: datetime) -> None:
    """The way from the commit to the broker's confirm, in the trace of who sent the message."""
    if row.envelope is not None and row.envelope.traceparent is not None:
        facts: tracing.Facts = {
            "messaging.system": "rabbitmq",
            "messaging.destination.name": row.exchange,
            "messaging.message.id": row.message_id,
            "drawbridge.correlation_id": row.envelope.correlation_id,
        }
        name, trace = f"publish {row.envelope.type}", row.envelope.traceparent
        tracing.record(name, "producer", trace, facts, began=row.created_at, ended=confirmed)


async def _all(portions: Iterable[Awaitable[list[Failed]]]) -> list[Failed]:
    """Finish all portions, even where one ends with an error; then raise the first."""
    failed: list[Failed] = []
    ended = await asyncio.gather(*portions, return_exceptions=True)
    for outcome in ended:
        if isinstance(outcome, BaseException):
            raise outcome
        failed += outcome
    return failed


def _one_for_each_id(rows: Sequence[Unsent]) -> list[Unsent]:
    """Two messages with one id are never in flight together: their results would be swapped."""
    first: dict[str, Unsent] = {}
    for row in rows:
        first.setdefault(row.message_id, row)
    return list(first.values())
