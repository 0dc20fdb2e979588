"""A collector of traces: takes OTLP over HTTP as a real one does, and keeps every span."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span as RawSpan


@dataclass(frozen=True)
class Span:
    """One step, as it arrived; ids are lower-case hexadecimal, ``parent`` is empty at a root."""

    process: str
    name: str
    trace: str
    id: str
    parent: str
    links: tuple[str, ...]
    facts: dict[str, str]

    @classmethod
    def read(cls, process: str, raw: RawSpan) -> "Span":
        """Read one from the wire."""
        return cls(
            process,
            raw.name,
            raw.trace_id.hex(),
            raw.span_id.hex(),
            raw.parent_span_id.hex(),
            tuple(link.trace_id.hex() for link in raw.links),
            {each.key: _text(each.value) for each in raw.attributes},
        )


class Collector:
    """What has arrived so far."""

    def __init__(self, port: int) -> None:
        self.endpoint = f"http://127.0.0.1:{port}"
        self._spans: list[Span] = []

    def take(self, body: bytes) -> None:
        """Keep what one request carries."""
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            names = {each.key: each.value.string_value for each in resource.resource.attributes}
            for scope in resource.scope_spans:
                self._spans += [Span.read(names["service.name"], raw) for raw in scope.spans]

    def all(self) -> list[Span]:
        """Every span so far."""
        return list(self._spans)

    def trace_of(self, trace: str) -> list[Span]:
        """The spans of one trace."""
        return [span for span in self._spans if span.trace == trace]


@contextmanager
def collecting() -> Iterator[Collector]:
    """A collector on a free port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # the name that http.server calls
            collector.take(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    collector = Collector(server.server_port)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield collector
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _text(value: AnyValue) -> str:
    kind = value.WhichOneof("value")
    return "" if kind is None else str(getattr(value, kind))
