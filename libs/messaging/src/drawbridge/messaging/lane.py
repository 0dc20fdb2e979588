"""A lane: one consumer on a channel of its own, taking one message or many at a time.

It starts with one, and opens up after a first delivery was settled: a message that kills its reader is
delivered again first, so a reader that starts meets it alone and does not push its neighbours over the
delivery limit. Redeliveries are always handled one by one.

It never narrows again, because that needs a cancel, and a quorum queue may still deliver after the broker
has answered it. aiormq drops such deliveries; an acknowledgement of several would settle them unseen. So
a wide consumer is cancelled only at the end, and only tags without a gap are acknowledged together.

It uses aiormq's channel below aio-pika's: there a delivery is what came off the wire, not an object with an
acknowledgement of its own and a task besides.
"""

import asyncio
from collections import deque
from collections.abc import Collection, Sequence

import aiormq.abc
from aio_pika.abc import AbstractChannel
from aiormq.abc import DeliveredMessage

_LINGER_SECONDS = 0.005
"""Waited for more where several came at once; a single message is not kept waiting."""
_WATCH_SECONDS = 5.0


class Lane:
    """Collects deliveries in order; settles them in order."""

    def __init__(self, channel: AbstractChannel, queue: str, widest: int) -> None:
        self._channel = channel
        self._queue_name = queue
        self._widest = widest
        self._width = 1
        self._buffer: deque[DeliveredMessage] = deque()
        self._arrived = asyncio.Event()
        self._consumer: aiormq.abc.AbstractChannel | None = None
        self._tag: str | None = None
        self._lost = False
        self._last_tag = 0
        self._many = False

    @property
    def alive(self) -> bool:
        """True while the broker delivers to us."""
        return self._tag is not None and not self._lost and not self._channel.is_closed

    @property
    def in_hand(self) -> int:
        """Deliveries that wait in the buffer."""
        return len(self._buffer)

    async def open(self) -> None:
        """Start to consume.

        Raises:
            aio_pika.exceptions.ChannelNotFoundEntity: when the queue is not declared.
        """
        self._consumer = await self._channel.get_underlay_channel()
        self._consumer.on_consumer_cancel_callbacks.add(self._on_cancel)
        self._channel.close_callbacks.add(self._on_close)
        await self._consume(1)

    def wake(self) -> None:
        """Let `take` return now."""
        self._arrived.set()

    async def take(self, stop: asyncio.Event) -> list[DeliveredMessage]:
        """The next messages in order; none when ``stop`` is set and the buffer is empty.

        Raises:
            ConnectionError: when the channel or the consumer is lost.
        """
        while not self._buffer:
            self._check()
            if stop.is_set():
                return []
            self._arrived.clear()
            await self._wait()
        if self._many and len(self._buffer) < self._widest and not stop.is_set():
            await asyncio.sleep(_LINGER_SECONDS)
        self._check()
        taken = [self._buffer.popleft()]
        while self._may_take(taken):
            taken.append(self._buffer.popleft())
        self._many = len(taken) > 1
        return taken

    async def settle(self, taken: Sequence[DeliveredMessage], requeued: Collection[DeliveredMessage]) -> None:
        """Give back the requeued and acknowledge the others at once.

        Raises:
            ConnectionError: when a delivery before these never reached us.
        """
        self._check_tags(taken)
        consumer = self._opened()
        widens = self._width == 1 and not requeued and not taken[0].redelivered and self._tag is not None
        if widens:
            await self.stop_taking()  # before the acknowledgement: nothing else can be on its way
        given_back = {_tag(message) for message in requeued}
        for tag in sorted(given_back):
            await consumer.basic_reject(tag, requeue=True)
        handled = [tag for tag in map(_tag, taken) if tag not in given_back]
        if handled:
            await consumer.basic_ack(handled[-1], multiple=True)
        if widens:
            await self._consume(self._widest)

    async def stop_taking(self) -> None:
        """Ask the broker for no more; what is in the buffer is still ours to settle."""
        tag, self._tag = self._tag, None
        if tag is not None and not self._channel.is_closed:
            await self._opened().basic_cancel(tag)
            await asyncio.sleep(0)  # what came before the answer is still being handed over
            await asyncio.sleep(0)

    def _may_take(self, taken: Sequence[DeliveredMessage]) -> bool:
        """Redeliveries go alone; first deliveries go together."""
        return (
            bool(self._buffer)
            and len(taken) < self._width
            and not taken[0].redelivered
            and not self._buffer[0].redelivered
        )

    def _check_tags(self, taken: Sequence[DeliveredMessage]) -> None:
        """Refuse to settle past a delivery that never reached us."""
        for message in taken:
            self._last_tag += 1
            if _tag(message) != self._last_tag:
                raise ConnectionError(f"A delivery of {self._queue_name} did not reach us; it comes again.")

    async def _consume(self, width: int) -> None:
        """Prefetch counts only for consumers that start after it was set.

        Twice the width: one part is handled while the next is on its way.
        """
        consumer = self._opened()
        await consumer.basic_qos(prefetch_count=_prefetch(width))
        self._tag = (await consumer.basic_consume(self._queue_name, self._on_message)).consumer_tag
        self._width = width

    def _opened(self) -> aiormq.abc.AbstractChannel:
        if self._consumer is None:
            raise RuntimeError("The lane is not open.")
        return self._consumer

    async def _wait(self) -> None:
        """Wait for a delivery; after some quiet, make sure that the broker is still there."""
        try:
            async with asyncio.timeout(_WATCH_SECONDS):
                await self._arrived.wait()
        except TimeoutError:
            await self._ask_for_a_sign()

    async def _ask_for_a_sign(self) -> None:
        """A harmless question: it finds a half-open network sooner than three heartbeats do."""
        async with asyncio.timeout(_WATCH_SECONDS):
            await self._opened().basic_qos(prefetch_count=_prefetch(self._width))

    def _check(self) -> None:
        if self._lost or self._channel.is_closed:
            raise ConnectionError(f"The consumer of {self._queue_name} is lost.")

    async def _on_message(self, message: DeliveredMessage) -> None:
        self._buffer.append(message)
        self._arrived.set()

    def _on_cancel(self, _frame: object) -> None:
        self._lost = True
        self._arrived.set()

    def _on_close(self, *_: object) -> None:
        self._lost = True
        self._arrived.set()


def _prefetch(width: int) -> int:
    return 2 * width if width > 1 else 1


def _tag(message: DeliveredMessage) -> int:
    return message.delivery_tag or 0
