"""The relay: publishes what is in the outbox, each row until the broker has confirmed it.

At least once: a crash between confirm and mark sends a row again under the same id.
"""

import asyncio
from collections.abc import Sequence

from aio_pika.abc import AbstractChannel
from aio_pika.exceptions import ChannelClosed, DeliveryError, PublishError
from aiormq import spec

from drawbridge.messaging.broker import Broker
from drawbridge.messaging.wire import write_message
from drawbridge.persistence import Database, Listener, OutboxReader, Unsent
from drawbridge.runtime import failpoints, get_logger, utc_now
from drawbridge.runtime.metrics import (
    OUTBOX_FAILED,
    OUTBOX_LAG,
    OUTBOX_PUBLISHED,
    OUTBOX_QUARANTINED,
    OUTBOX_UNSENT,
)

_AFTER_SELECT = failpoints.declare("relay.after_select")
_AFTER_PUBLISH = failpoints.declare("relay.after_publish")
_AFTER_MARK = failpoints.declare("relay.after_mark")
_OUTSTANDING = 200
_PUBLISH_SECONDS = 5.0
_MEASURE_SECONDS = 5.0
_log = get_logger(__name__)


class Relay:
    """The component that empties one schema's outbox; of several, only one is active at a time."""

    def __init__(self, database: Database, broker: Broker) -> None:
        self.name = "relay"
        self._schema = database.schema
        self._database = database
        self._broker = broker
        self._outbox = OutboxReader(database)
        self._connected = False
        self._at_once = _OUTSTANDING
        self._measure_at = 0.0

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
            while not stop.is_set():
                await self._measure()
                if not await self._round(channel):
                    await listener.wait(stop)

    async def _measure(self) -> None:
        """Count what is unsent, every few seconds."""
        now = asyncio.get_running_loop().time()
        if now >= self._measure_at:
            self._measure_at = now + _MEASURE_SECONDS
            OUTBOX_UNSENT.labels(self._schema).set(await self._outbox.count())

    async def _round(self, channel: AbstractChannel) -> bool:
        """Publish what is unsent and due; true when there may be more."""
        rows = _one_for_each_id(await self._outbox.unsent(self._at_once))
        if not rows:
            return False
        failpoints.hit(_AFTER_SELECT)
        results = await asyncio.gather(*(self._publish(channel, row) for row in rows), return_exceptions=True)
        failpoints.hit(_AFTER_PUBLISH)
        sent = [row for row, result in zip(rows, results, strict=True) if result is None]
        await self._mark(sent)
        failpoints.hit(_AFTER_MARK)
        for row, result in zip(rows, results, strict=True):
            if result is not None:
                await self._failed(row, result)
        self._at_once = _OUTSTANDING
        return bool(sent)

    async def _publish(self, channel: AbstractChannel, row: Unsent) -> None:
        exchange = await channel.get_exchange(row.exchange, ensure=False)
        async with asyncio.timeout(_PUBLISH_SECONDS):
            confirmed = await exchange.publish(write_message(row), row.routing_key, mandatory=True)
        if not isinstance(confirmed, spec.Basic.Ack):
            raise ConnectionError("The broker gave no confirm.")

    async def _mark(self, rows: Sequence[Unsent]) -> None:
        await self._outbox.mark_published([row.row_id for row in rows])
        OUTBOX_PUBLISHED.labels(self._schema).inc(len(rows))
        now = utc_now()
        for row in rows:
            OUTBOX_LAG.labels(self._schema).observe(max(0.0, (now - row.created_at).total_seconds()))

    async def _failed(self, row: Unsent, error: BaseException) -> None:
        """Postpone what nobody takes; any other failure is the connection's and ends this run."""
        if isinstance(error, PublishError):
            await self._postpone(row, f"No queue takes {row.routing_key!r} from {row.exchange!r}.")
        elif isinstance(error, DeliveryError):
            OUTBOX_FAILED.labels(self._schema, "nacked").inc()
        elif isinstance(error, ChannelClosed) and self._at_once == 1:
            self._at_once = _OUTSTANDING
            await self._postpone(row, f"The broker refused {row.exchange!r}: {error}")
            raise error
        else:
            # One bad row closes the channel for all: find it by sending one at a time.
            self._at_once = 1 if isinstance(error, ChannelClosed) else self._at_once
            OUTBOX_FAILED.labels(self._schema, "connection").inc()
            raise error

    async def _postpone(self, row: Unsent, error: str) -> None:
        OUTBOX_FAILED.labels(self._schema, "unroutable").inc()
        quarantined = await self._outbox.postpone(row, error)
        if quarantined:
            OUTBOX_QUARANTINED.labels(self._schema).inc()
        log = _log.error if quarantined else _log.warning
        log("relay.quarantined" if quarantined else "relay.postponed", row=str(row.row_id), problem=error)


def _one_for_each_id(rows: Sequence[Unsent]) -> list[Unsent]:
    """Two messages with one id are never in flight together: their results would be swapped."""
    first: dict[str, Unsent] = {}
    for row in rows:
        first.setdefault(row.message_id, row)
    return list(first.values())
