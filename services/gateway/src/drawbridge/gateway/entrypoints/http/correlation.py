"""One correlation id and one trace for each request: taken from its headers or made, logged, given back.

Pure ASGI, because context variables do not survive Starlette's own base class (pitfall F4).
"""

import re
from time import perf_counter
from uuid import uuid4

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from drawbridge.contracts import Cause
from drawbridge.gateway.entrypoints.http.problems import unexpected
from drawbridge.runtime import bound_cause, get_logger, tracing

HEADER = "X-Correlation-Id"

_TRACEPARENT = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
_USABLE = re.compile(r"[A-Za-z0-9._:-]{1,128}")
_SERVER_ERROR = 500
_log = get_logger(__name__)


class CorrelationMiddleware:
    """Names the request, answers what nobody else caught as a problem, and logs one line for it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get(HEADER, "")
        correlation_id = given if _USABLE.fullmatch(given) else str(uuid4())
        trace = Headers(scope=scope).get("traceparent", "")
        facts = {"drawbridge.correlation_id": correlation_id, "http.request.method": scope["method"]}
        state = scope.setdefault("state", {})
        with tracing.step(
            scope["method"], "server", trace if _TRACEPARENT.fullmatch(trace) else None, facts
        ) as step:
            state["correlation_id"], state["traceparent"] = correlation_id, step.traceparent
            with bound_cause(Cause(correlation_id, traceparent=step.traceparent)):
                status = await self._answer(scope, receive, send, correlation_id)
            _tell(step, scope, status)

    async def _answer(self, scope: Scope, receive: Receive, send: Send, correlation_id: str) -> int | None:
        status: list[int] = []

        async def send_named(message: Message) -> None:
            if message["type"] == "http.response.start":
                status.append(message["status"])
                MutableHeaders(scope=message)[HEADER] = correlation_id
            await send(message)

        started = perf_counter()
        try:
            await self._app(scope, receive, send_named)
        except Exception as error:
            if status:
                raise
            _log.exception("http.failed", method=scope["method"], path=scope["path"])
            await unexpected(error, correlation_id)(scope, receive, send_named)
        _log.info(
            "http.answered",
            method=scope["method"],
            path=scope["path"],
            status=status[0] if status else None,
            milliseconds=round(1000 * (perf_counter() - started), 1),
        )
        return status[0] if status else None


def _tell(step: tracing.Step, scope: Scope, status: int | None) -> None:
    """Name the step by its route, which is only known once the request was routed."""
    path = getattr(scope.get("route"), "path", None)
    if path is not None:
        step.rename(f"{scope['method']} {path}")
        step.note({"http.route": path})
    if status is not None:
        step.note({"http.response.status_code": status})
        if status >= _SERVER_ERROR:
            step.failed(str(status))
