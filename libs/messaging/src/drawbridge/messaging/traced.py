"""The handling of a batch as it is traced: one step for each message, in the trace of who sent it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Self

from drawbridge.messaging.received import Received
from drawbridge.runtime import tracing


class Traced:
    """The steps of one batch, from the handing over to the commit or to what went wrong."""

    def __init__(self, queue: str) -> None:
        self._queue = queue
        self._steps: list[tracing.Step] = []

    def __enter__(self) -> Self:
        """Nothing has begun yet."""
        return self

    def __exit__(self, error: type[BaseException] | None, *_: object) -> None:
        """All steps are over."""
        for step in self._steps:
            if error is not None:
                step.failed(error.__name__)
            step.end()

    def begin(self, new: Sequence[Received]) -> Sequence[Received]:
        """Begin a step for each; gives the messages with it, so that what they lead to continues it."""
        if not tracing.is_on():
            return new
        return [self._begun(each) for each in new]

    def _begun(self, received: Received) -> Received:
        envelope = received.envelope
        facts: tracing.Facts = {
            "messaging.system": "rabbitmq",
            "messaging.destination.name": self._queue,
            "messaging.message.id": str(envelope.id),
            "drawbridge.correlation_id": envelope.correlation_id,
            "drawbridge.causation_id": str(envelope.causation_id or ""),
            "drawbridge.subject": envelope.subject,
        }
        step = tracing.begin(f"process {envelope.type}", "consumer", envelope.traceparent, facts)
        self._steps.append(step)
        return replace(received, envelope=replace(envelope, traceparent=step.traceparent))
