"""Publishing many messages in few writes, every confirm outstanding at once.

aiormq's own ``basic_publish`` does for each message what is needed once for many: a lock, a timeout, a write.
This does the same steps for a whole portion, on the same members of its channel (aiormq 7).
"""

import asyncio
from collections.abc import Iterator, Sequence

from aio_pika.abc import AbstractChannel
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

    async def publish(self, rows: Sequence[Unsent], seconds: float) -> list[BaseException | None]:
        """Publish in this order and wait for all confirms; gives the error of each row that has none.

        No two rows may have one message id: the broker's returns name nothing else.

        Raises:
            TimeoutError: when confirms are missing after so many seconds.
        """
        async with asyncio.timeout(seconds):
            confirms = await self._write(rows)
            results = await asyncio.gather(*confirms, return_exceptions=True)
        return [_error(result) for result in results]

    async def _write(self, rows: Sequence[Unsent]) -> list[asyncio.Future[object]]:
        confirms: list[asyncio.Future[object]] = []
        frames: list[Frame] = []
        size = 0
        async with self._channel.lock:
            for row in rows:
                confirms.append(self._expect(row.message_id))
                frames += self._frames(row)
                size += len(row.body)
                if size > _WRITE_BYTES:
                    await self._flush(frames)
                    frames, size = [], 0
            await self._flush(frames)
        return confirms

    def _expect(self, message_id: str) -> asyncio.Future[object]:
        """Count the message as the broker will, and await its confirm or its return."""
        channel = self._channel
        channel.delivery_tag += 1
        tag = channel.delivery_tag
        confirm: asyncio.Future[object] = channel.create_future()
        channel.confirmations[tag] = confirm
        channel.message_id_delivery_tag[message_id] = tag
        confirm.add_done_callback(lambda _: channel.message_id_delivery_tag.pop(message_id, None))
        return confirm

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


def _error(result: object) -> BaseException | None:
    if isinstance(result, BaseException):
        return result
    return None if isinstance(result, spec.Basic.Ack) else ConnectionError("The broker gave no confirm.")
