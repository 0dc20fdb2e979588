"""A lane: one consumer on a channel of its own, taking one message or many at a time.

It starts with one, and opens up after a first delivery was settled: a message that kills its reader is
delivered again first, so a reader that starts meets it alone and does not push its neighbours over the
delivery limit. Redeliveries are always handled one by one.

It never narrows again, because that needs a cancel, and a quorum queue may still deliver after the broker
has answered it. aiormq drops such deliveries; an acknowledgement of several would settle them unseen. So
a wide consumer is cancelled only at the end, and only tags without a gap are acknowledged together.
"""

import asyncio
from collections import deque
from collections.abc import Collection, Sequence

from aio_pika.abc import AbstractChannel, AbstractIncomingMessage, AbstractQueue

_LINGER_SECONDS = 0.005
_WATCH_SECONDS = 5.0


class Lane:
    """Collects deliveries in order; settles them in order."""

    def __init__(self, channel: AbstractChannel, queue: str, widest: int) -> None:
        self._channel = channel
        self._queue_name = queue
        self._widest = widest
        self._width = 1
        self._buffer: deque[AbstractIncomingMessage] = deque()
        self._arrived = asyncio.Event()
        self._queue: AbstractQueue | None = None
        self._tag: str | None = None
        self._lost = False
        self._last_tag = 0

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
        underlay = await self._channel.get_underlay_channel()
        underlay.on_consumer_cancel_callbacks.add(self._on_cancel)
        self._channel.close_callbacks.add(self._on_close)
        self._queue = await self._channel.get_queue(self._queue_name, ensure=False)
        await self._consume(1)

    def wake(self) -> None:
        """Let `take` return now."""
        self._arrived.set()

    async def take(self, stop: asyncio.Event) -> list[AbstractIncomingMessage]:
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
        if self._width > 1 and len(self._buffer) < self._widest and not stop.is_set():
            await asyncio.sleep(_LINGER_SECONDS)
        self._check()
        taken = [self._buffer.popleft()]
        while self._may_take(taken):
            taken.append(self._buffer.popleft())
        return taken

    async def settle(
        self, taken: Sequence[AbstractIncomingMessage], requeued: Collection[AbstractIncomingMessage]
    ) -> None:
        """Give back the requeued and acknowledge the others at once.

        Raises:
            ConnectionError: when a delivery before these never reached us.
        """
        self._check_tags(taken)
        widens = self._width == 1 and not requeued and not taken[0].redelivered and self._tag is not None
        if widens:
            await self.stop_taking()  # before the acknowledgement: nothing else can be on its way
        for message in requeued:
            await message.reject(requeue=True)
        handled = [message for message in taken if message not in requeued]
        if handled:
            await handled[-1].ack(multiple=True)
        if widens:
            await self._consume(self._widest)

    async def stop_taking(self) -> None:
        """Ask the broker for no more; what is in the buffer is still ours to settle."""
        tag, self._tag = self._tag, None
        if tag is not None and self._queue is not None and not self._channel.is_closed:
            await self._queue.cancel(tag)
            await asyncio.sleep(0)  # what came before the answer is still being handed over
            await asyncio.sleep(0)

    def _may_take(self, taken: Sequence[AbstractIncomingMessage]) -> bool:
        """Redeliveries go alone; first deliveries go together."""
        return (
            bool(self._buffer)
            and len(taken) < self._width
            and not taken[0].redelivered
            and not self._buffer[0].redelivered
        )

    def _check_tags(self, taken: Sequence[AbstractIncomingMessage]) -> None:
        """Refuse to settle past a delivery that never reached us."""
        for message in taken:
            self._last_tag += 1
            if message.delivery_tag != self._last_tag:
                raise ConnectionError(f"A delivery of {self._queue_name} did not reach us; it comes again.")

    async def _consume(self, width: int) -> None:
        """Prefetch counts only for consumers that start after it was set."""
        if self._queue is None:
            raise RuntimeError("The lane is not open.")
        await self._channel.set_qos(prefetch_count=width)
        self._tag = await self._queue.consume(self._on_message)
        self._width = width

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
            await self._channel.set_qos(prefetch_count=self._width)

    def _check(self) -> None:
        if self._lost or self._channel.is_closed:
            raise ConnectionError(f"The consumer of {self._queue_name} is lost.")

    async def _on_message(self, message: AbstractIncomingMessage) -> None:
        self._buffer.append(message)
        self._arrived.set()

    def _on_cancel(self, _frame: object) -> None:
        self._lost = True
        self._arrived.set()

    def _on_close(self, *_: object) -> None:
        self._lost = True
        self._arrived.set()
