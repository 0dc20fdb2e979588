"""No request body is larger than 1 MiB; pure ASGI, counted while it is read."""

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from drawbridge.gateway.entrypoints.http.problems import problem_response

LARGEST = 1024 * 1024


class _TooLargeError(Exception):
    """The body went past the limit while it was read."""


class BodyLimitMiddleware:
    """Refuses a body by its announced length, else by what arrives."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        announced = Headers(scope=scope).get("content-length", "0")
        read = 0

        async def receive_limited() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > LARGEST:
                raise _TooLargeError
            return message

        if announced.isdecimal() and int(announced) > LARGEST:
            await _refuse(scope, receive, send)
            return
        try:
            await self._app(scope, receive_limited, send)
        except _TooLargeError:
            await _refuse(scope, receive, send)


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    response = problem_response(
        413,
        "body_too_large",
        "The request body is larger than 1 MiB.",
        "Send fewer rows at once.",
        scope["state"]["correlation_id"],
    )
    await response(scope, receive, send)
