"""Traces (OpenTelemetry): the steps of a story, across processes, in one picture.

A step continues the trace that a cause's ``traceparent`` names, and everything that it leads to carries the
step's own: in an outbox row, on the message, in a work item. So nothing depends on which task runs what, and
without a collector the ``traceparent`` of whoever asked still passes through unchanged.

Our own spans at the five edges (HTTP, publish, intake, work, outside call), because instrumentation of the
libraries below sees neither the outbox nor a work item (ADR 0020).
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Literal

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import Link, Span, SpanContext, SpanKind, Status, StatusCode, Tracer
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

type Kind = Literal["server", "client", "producer", "consumer", "internal"]
type Facts = Mapping[str, str | int | float | bool]

_FORMAT = TraceContextTextMapPropagator()
_EXPORT_SECONDS = 3.0
_NANOSECONDS = 1_000_000_000

_tracers: list[Tracer] = []
"""None, or the process's one."""


class Step:
    """A step that is running. ``traceparent`` is for what it leads to."""

    __slots__ = ("_span", "traceparent")

    def __init__(self, span: Span | None, traceparent: str | None) -> None:
        self._span = span
        self.traceparent = traceparent

    def note(self, facts: Facts) -> None:
        """Add facts that were not known at the start."""
        if self._span is not None:
            self._span.set_attributes(facts)

    def rename(self, name: str) -> None:
        """Give it a better name."""
        if self._span is not None:
            self._span.update_name(name)

    def failed(self, how: str) -> None:
        """Mark it as failed, in a word: a code or the name of an error, never its text."""
        if self._span is not None:
            self._span.set_status(Status(StatusCode.ERROR, how))

    def end(self) -> None:
        """The step is over."""
        if self._span is not None:
            self._span.end()


def start_tracing(process: str, endpoint: str | None) -> Callable[[], Awaitable[None]]:
    """Export this process's steps to a collector, by OTLP over HTTP; without an address do nothing.

    The libraries are only loaded where they are used. They read the standard ``OTEL_…`` variables besides,
    for headers, sampling and batches. Gives what sends the rest at the end.
    """
    if not endpoint:
        return _nothing
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

    names = {"service.name": process.replace(" ", "-"), "service.namespace": "drawbridge"}
    provider = TracerProvider(resource=Resource.create(names), shutdown_on_exit=False)
    exporter = OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces", timeout=_EXPORT_SECONDS)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    _tracers[:] = [provider.get_tracer("drawbridge")]

    async def stop() -> None:
        _tracers.clear()
        provider.shutdown()

    return stop


def is_on() -> bool:
    """Whether steps are exported; where they are many, facts need not be gathered in vain."""
    return bool(_tracers)


def begin(
    name: str, kind: Kind, traceparent: str | None, facts: Facts | None = None, *, new_trace: bool = False
) -> Step:
    """Begin a step of the story with that ``traceparent``; the caller ends it.

    With ``new_trace`` it begins a trace of its own that links to that story.
    """
    if not _tracers:
        return Step(None, traceparent)
    origin = _context(traceparent)
    links = [Link(origin)] if new_trace and origin is not None else ()
    parent = None if new_trace else origin
    return _started(name, kind, _around(parent), links, facts)


@contextmanager
def step(
    name: str, kind: Kind, traceparent: str | None, facts: Facts | None = None, *, new_trace: bool = False
) -> Iterator[Step]:
    """As `begin`, for the time of a block; outside calls inside the block belong to it."""
    running = begin(name, kind, traceparent, facts, new_trace=new_trace)
    with _current(running):
        yield running


@contextmanager
def client_step(name: str, facts: Facts | None = None) -> Iterator[Step]:
    """A call to Procore or a ledger, as part of the step that is running; in no step it is not traced."""
    inside = trace.get_current_span().get_span_context().is_valid
    running = _started(name, "client", None, (), facts) if _tracers and inside else Step(None, None)
    with _current(running):
        yield running


def link_current(traceparent: str | None, facts: Facts) -> None:
    """Let the running step point to another trace that it has to do with."""
    other = _context(traceparent) if _tracers else None
    if other is not None:
        trace.get_current_span().add_link(other, facts)


def record(  # a step that is over is all of these
    name: str, kind: Kind, traceparent: str | None, facts: Facts, *, began: datetime, ended: datetime
) -> None:
    """Tell of a step that is over; of none where the story has no trace."""
    origin = _context(traceparent)
    if _tracers and origin is not None and origin.trace_flags.sampled:
        span = _tracers[0].start_span(
            name,
            context=_around(origin),
            kind=SpanKind[kind.upper()],
            attributes=facts,
            start_time=int(began.timestamp() * _NANOSECONDS),
        )
        span.end(int(max(began, ended).timestamp() * _NANOSECONDS))


def _started(
    name: str, kind: Kind, context: Context | None, links: Sequence[Link], facts: Facts | None
) -> Step:
    """Begin a span; without a context it belongs to the one that is current."""
    span = _tracers[0].start_span(
        name, context=context, kind=SpanKind[kind.upper()], links=links, attributes=facts
    )
    carrier: dict[str, str] = {}
    _FORMAT.inject(carrier, context=trace.set_span_in_context(span))
    return Step(span, carrier.get("traceparent"))


@contextmanager
def _current(running: Step) -> Iterator[None]:
    span = running._span  # noqa: SLF001  # a step and its module are one
    if span is None:
        yield
        return
    try:
        with trace.use_span(span, record_exception=False, set_status_on_exception=False):
            yield
    except Exception as error:
        running.failed(type(error).__name__)  # its text may tell a secret
        raise
    finally:
        running.end()


def _context(traceparent: str | None) -> SpanContext | None:
    """What a W3C traceparent names; nothing for rubbish."""
    if traceparent is None:
        return None
    found = _FORMAT.extract({"traceparent": traceparent}, context=Context())
    context = trace.get_current_span(found).get_span_context()
    return context if context.is_valid else None


def _around(parent: SpanContext | None) -> Context:
    return (
        Context() if parent is None else trace.set_span_in_context(trace.NonRecordingSpan(parent), Context())
    )


async def _nothing() -> None:
    """Tracing was never started."""
