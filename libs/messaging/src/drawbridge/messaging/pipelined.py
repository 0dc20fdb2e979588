"""Publishing many messages in few writes, every confirm outstanding at once.

aiormq's own ``basic_publish`` does for each message what is needed once for many: a lock, a timeout, a write.
This does the same steps for a whole portion, on the same members of its channel (aiormq 7).
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from typing import Any, cast

from aio_pika.abc import AbstractChannel
from aio_pika.exceptions import AMQPError, ChannelInvalidStateError
from aiormq import Channel, spec
from aiormq.abc import ChannelFrame
from pamqp.body import ContentBody
from pamqp.header import ContentHeader

from drawbridge.messaging.wire import write_properties
from drawbridge.persistence import Unsent

type Frame = spec.Basic.Publish | ContentHeader | ContentBody

_WRITE_BYTES = 256 * 1024
"""Messages are gathered to writes of about this size."""


class Pipelined:
    """Publishes on one channel, which must have confirms and raise for what is returned."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel

    @classmethod
    async def on(cls, channel: AbstractChannel) -> "Pipelined":
        """Use aio-pika's channel, as `Broker.publishing` opens it."""
        underlay = await channel.get_underlay_channel()
        if not isinstance(underlay, Channel):
            raise TypeError("The channel is not aiormq's own.")
        return cls(underlay)

    def require_open(self) -> None:
        """Find out that the channel is lost before there is something to publish.

        Raises:
            ConnectionError: when it is.
        """
        if self._channel.is_closed:
            raise ConnectionError("The channel for publishing is lost.")

    async def publish(self, rows: Sequence[Unsent], seconds: float) -> list[BaseException | None]:
        """Publish in this order and wait for all confirms; gives the error of each row that has none.

        A channel that is lost meanwhile is the error of every row without an answer, so that the caller
        still learns of the others. No two rows may have one message id: the broker's returns name nothing
        else.

        Raises:
            TimeoutError: when confirms are missing after so many seconds.
        """
        portion = _Portion(len(rows), self._channel.create_future())
        async with asyncio.timeout(seconds):
            try:
                await self._write(rows, portion)
                await portion.all_answered
            except (AMQPError, ChannelInvalidStateError, OSError, RuntimeError) as error:
                portion.lost(error)
        return portion.errors

    async def _write(self, rows: Sequence[Unsent], portion: "_Portion") -> None:
        frames: list[Frame] = []
        size = 0
        async with self._channel.lock:
            for place, row in enumerate(rows):
                self._expect(row.message_id, _Confirm(portion, place))
                frames += self._frames(row)
                size += len(row.body)
                if size > _WRITE_BYTES:
                    await self._flush(frames)
                    frames, size = [], 0
            await self._flush(frames)

    def _expect(self, message_id: str, confirm: "_Confirm") -> None:
        """Count the message as the broker will, and say who awaits its confirm or its return."""
        channel = self._channel
        channel.delivery_tag += 1
        channel.confirmations[channel.delivery_tag] = cast("asyncio.Future[Any]", confirm)
        channel.message_id_delivery_tag[message_id] = channel.delivery_tag
        confirm.answered = lambda: channel.message_id_delivery_tag.pop(message_id, None)

    def _frames(self, row: Unsent) -> Iterator[Frame]:
        yield spec.Basic.Publish(exchange=row.exchange, routing_key=row.routing_key, mandatory=True)
        yield ContentHeader(properties=write_properties(row), body_size=len(row.body))
        largest = self._channel.max_content_size
        for start in range(0, len(row.body), largest):
            yield ContentBody(row.body[start : start + largest])

    async def _flush(self, frames: Sequence[Frame]) -> None:
        """Hand the frames to the connection's writer and wait until they are written."""
        if frames:
            written = self._channel.create_future()
            await self._channel.write_queue.put(
                ChannelFrame.marshall(
                    frames=frames, channel_number=self._channel.number, drain_future=written
                )
            )
            await written


class _Portion:
    """The answers to one portion; ``all_answered`` fails when the channel is closed before."""

    def __init__(self, size: int, all_answered: asyncio.Future[None]) -> None:
        self.errors: list[BaseException | None] = [None] * size
        self.all_answered = all_answered
        self._missing = set(range(size))

    def take(self, place: int, error: BaseException | None) -> None:
        """Note one answer."""
        self.errors[place] = error
        self._missing.discard(place)
        if not self._missing and not self.all_answered.done():
            self.all_answered.set_result(None)

    def lost(self, error: BaseException) -> None:
        """There will be no more answers."""
        for place in self._missing:
            self.errors[place] = error


class _Confirm:
    """What aiormq needs of a future here: to be told once, and to say whether it was.

    A real future for each message, with its five callbacks, costs a tenth of all that the relay does.
    """

    __slots__ = ("_done", "_place", "_portion", "answered")

    def __init__(self, portion: _Portion, place: int) -> None:
        self._portion = portion
        self._place = place
        self._done = False
        self.answered: Callable[[], object] = lambda: None

    def done(self) -> bool:
        """Whether it was told."""
        return self._done

    def cancelled(self) -> bool:
        """Never: nobody cancels a single message."""
        return False

    def set_result(self, frame: object) -> None:
        """The broker has the message, if it says so."""
        sure = isinstance(frame, spec.Basic.Ack)
        self._told(None if sure else ConnectionError("The broker gave no confirm."))

    def set_exception(self, error: BaseException) -> None:
        """The broker does not take the message."""
        self._told(error)

    def _told(self, error: BaseException | None) -> None:
        self._done = True
        self.answered()
        self._portion.take(self._place, error)
