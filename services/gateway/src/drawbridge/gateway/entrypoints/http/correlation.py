"""One correlation id for each request: taken from ``X-Correlation-Id`` or made, logged, and given back.

Pure ASGI, because context variables do not survive Starlette's own base class (pitfall F4).
"""

import re
from time import perf_counter
from uuid import uuid4

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from drawbridge.gateway.entrypoints.http.problems import unexpected
from drawbridge.runtime import get_logger

HEADER = "X-Correlation-Id"

_USABLE = re.compile(r"[A-Za-z0-9._:-]{1,128}")
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
        scope.setdefault("state", {})["correlation_id"] = correlation_id
        with structlog.contextvars.bound_contextvars(correlation_id=correlation_id):
            await self._answer(scope, receive, send, correlation_id)

    async def _answer(self, scope: Scope, receive: Receive, send: Send, correlation_id: str) -> None:
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
