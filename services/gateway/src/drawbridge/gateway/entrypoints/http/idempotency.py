"""``Idempotency-Key`` on POST: a repeat gets the stored answer and does nothing again.

The dependency claims the key for the authenticated caller; the middleware stores what was answered before it
is sent. Errors are not kept: nothing was done, so the repeat is done anew.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from typing import Annotated, cast

from fastapi import Depends, FastAPI, Header, Request
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from drawbridge.gateway.entrypoints.http.asking import Door, ToolsOf, door, needs, operator_only
from drawbridge.gateway.usecases.answer_once import Claim, KeptAnswer, claim_answer, settle_claim
from drawbridge.gateway.usecases.tools import Asking, Tools

REPLAYED = "Idempotent-Replayed"

_CLAIM = "idempotency_claim"
_KEPT_HEADERS = ("content-type", "location", "etag", "link")
_SLACK_SECONDS = 30


class Replayed(Exception):  # named for what happened, as the error tree is
    """The request was answered before."""

    def __init__(self, answer: KeptAnswer) -> None:
        super().__init__("answered before")
        self.answer = answer


def once(allowed: Callable[..., Awaitable[Asking]]) -> Callable[..., Awaitable[Asking]]:
    """The dependency of a POST that is done once for each key; ``allowed`` says who may ask at all."""

    async def claiming(
        request: Request,
        tools: ToolsOf,
        asking: Annotated[Asking, Depends(allowed)],
        idempotency_key: Annotated[
            str | None,
            Header(
                min_length=1,
                max_length=200,
                description="a fresh random text for each new request: a repeat gets the first one's answer",
                examples=["018f3c6e-7a10-4c1e-9d52-3f0e5a7b9c11"],
            ),
        ] = None,
    ) -> Asking:
        return await _claimed(request, tools, asking, idempotency_key)

    return claiming


async def _claimed(request: Request, tools: Tools, asking: Asking, key: str | None) -> Asking:
    """The caller, with the key claimed if there is one.

    Raises:
        Replayed: with the stored answer.
    """
    if key is None:
        return asking
    patience = timedelta(seconds=door(request).max_wait_seconds + _SLACK_SECONDS)
    fingerprint = _fingerprint(request, await request.body())
    claimed = await claim_answer(tools, asking, key, fingerprint, patience)
    if isinstance(claimed, KeptAnswer):
        raise Replayed(claimed)
    request.scope["state"][_CLAIM] = claimed
    return replace(asking, claim=claimed.id)


type ViewerOnce = Annotated[Asking, Depends(once(needs("viewer")))]
"""As `ViewerOf` and the others, for a POST that a repeat under the same key must not do again."""
type ProcessorOnce = Annotated[Asking, Depends(once(needs("processor")))]
type AdminOnce = Annotated[Asking, Depends(once(needs("admin")))]
type OperatorOnce = Annotated[Asking, Depends(once(operator_only))]


class AnswerKeeper:
    """Stores the answer of a claimed key before it is sent; pure ASGI."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http" or scope["method"] != "POST":
            await self._app(scope, receive, send)
            return
        held: list[Message] = []

        async def hold(message: Message) -> None:
            claim: Claim | None = scope["state"].get(_CLAIM)
            if claim is None:
                await send(message)
                return
            held.append(message)
            if message["type"] == "http.response.body" and not message.get("more_body"):
                await settle_claim(_door(scope).tools, claim, _answer(held))
                for each in held:
                    await send(each)

        try:
            await self._app(scope, receive, hold)
        except Exception:
            claim = scope["state"].get(_CLAIM)
            if claim is not None:
                await settle_claim(_door(scope).tools, claim, None)
            raise


def install(app: FastAPI) -> None:
    """Answer repeats, and keep answers for them."""
    app.add_exception_handler(Replayed, _replay)
    app.add_middleware(AnswerKeeper)


async def _replay(_request: Request, error: Exception) -> Response:
    if not isinstance(error, Replayed):
        raise error
    answer = error.answer
    return Response(answer.body, answer.status, {**answer.headers, REPLAYED: "true"})


def _answer(messages: list[Message]) -> KeptAnswer | None:
    """What was answered, if something was done."""
    start, *rest = messages
    if not 200 <= start["status"] < 300:  # noqa: PLR2004  # HTTP's own classes
        return None
    sent: Mapping[str, str] = Headers(raw=start["headers"])
    headers = {name: sent[name] for name in _KEPT_HEADERS if name in sent}
    return KeptAnswer(start["status"], headers, b"".join(each.get("body", b"") for each in rest))


def _fingerprint(request: Request, body: bytes) -> str:
    """Names the request: its target and its body."""
    target = f"{request.method} {request.url.path}?{request.url.query}\n"
    return sha256(target.encode() + body).hexdigest()


def _door(scope: Scope) -> Door:
    return cast("Door", scope["app"].state.door)
