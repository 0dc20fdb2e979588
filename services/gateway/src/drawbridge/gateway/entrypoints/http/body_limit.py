"""No request body is larger than 1 MiB; pure ASGI, counted while it is read."""

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from drawbridge.gateway.entrypoints.http.problems import http_problem

LARGEST = 1024 * 1024


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
                raise HTTPException(413)
            return message

        if announced.isdecimal() and int(announced) > LARGEST:
            refusal = http_problem(413, scope["state"]["correlation_id"])
            await refusal(scope, receive, send)
            return
        await self._app(scope, receive_limited, send)
