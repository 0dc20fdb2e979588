"""The wire between caller and double: rate limits, faults, dropped answers and the ledger of writes.

Plain ASGI, because a dropped answer needs the connection itself.
"""

import asyncio
import json
from collections.abc import MutableMapping
from typing import Any

import httpx
from starlette.datastructures import Headers, MutableHeaders, QueryParams
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from drawbridge.sandbox.procore.faults import Fault
from drawbridge.sandbox.procore.limits import Meter
from drawbridge.sandbox.procore.meddling import delete_first, ignore_members, move_last
from drawbridge.sandbox.procore.spoiling import SPOILING, Spoiler
from drawbridge.sandbox.procore.state import Procore, WriteRecord

SUCCESS = range(200, 300)


class Wire:
    """ASGI middleware around the whole double; ``/control`` passes untouched."""

    def __init__(self, app: ASGIApp, procore: Procore) -> None:
        self.app = app
        self.procore = procore
        self._late: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a call through, or make it go wrong as ordered."""
        if scope["type"] != "http" or scope["path"].startswith("/control"):
            await self.app(scope, receive, send)
            return
        body = await _read(receive)
        self.procore.calls[f"{scope['method']} {scope['path']}"] += 1
        write = self._record(scope, body)
        query = QueryParams(scope["query_string"])
        fault = self.procore.faults.take(scope["method"], scope["path"], query)
        if fault:
            body = self._meddle(scope, query, body, fault)
        refusing = self._limited(scope, fault)
        if scope["path"].startswith("/rest/"):
            send = self._with_limit_headers(scope, send, refused=refusing)
        if refusing:
            if write:
                write.status = 429
            answer = JSONResponse({"message": "Rate limit exceeded"}, 429)
            await answer(scope, receive, send)
            return
        await self._serve(scope, _Call(body, write, receive, send), fault)

    def _meddle(self, scope: Scope, query: QueryParams, body: bytes, fault: Fault) -> bytes:
        """Do what happens before the call; gives its body."""
        match fault.kind:
            case "expire_token":
                self.procore.tokens.clear()
            case "ignore":
                return ignore_members(scope, body, fault.members)
            case "delete_first":
                delete_first(self.procore, int(query["project_id"]))
            case "move_last":
                move_last(self.procore, int(query["project_id"]))
        return body

    async def _serve(self, scope: Scope, call: "_Call", fault: Fault | None) -> None:
        kind = fault.kind if fault else None
        if fault and kind == "fail":
            if call.write:
                call.write.status = fault.status
            headers = {"Retry-After": str(int(fault.seconds))} if fault.status in {429, 503} else None
            answer = JSONResponse({"errors": "Something went wrong"}, fault.status, headers)
            await answer(scope, call.receive, call.send)
        elif fault and kind == "apply_late":
            task = asyncio.create_task(self._apply_late(dict(scope), call, fault.seconds), name="apply-late")
            self._late.add(task)
            task.add_done_callback(self._late.discard)
            await _drop(call)
        elif kind == "apply_then_drop":
            await self._apply(scope, call, _swallow)
            await _drop(call)
        elif fault and kind == "apply_then_fail":
            await self._apply(scope, call, _swallow)
            answer = JSONResponse({"errors": "Something went wrong"}, fault.status)
            await answer(scope, call.receive, call.send)
        else:
            if fault and kind == "delay":
                await asyncio.sleep(fault.seconds)
            spoiled = fault if fault and fault.kind in SPOILING else None
            await self._apply(scope, call, Spoiler(spoiled, call.send) if spoiled else call.send)

    async def _apply_late(self, scope: MutableMapping[str, Any], call: "_Call", seconds: float) -> None:
        await asyncio.sleep(seconds)
        await self._apply(scope, call, _swallow)

    async def _apply(self, scope: Scope, call: "_Call", send: Send) -> None:
        async def watch(message: Message) -> None:
            if call.write and message["type"] == "http.response.start":
                call.write.status = message["status"]
                if message["status"] in SUCCESS:
                    call.write.applied_at = self.procore.now()
            await send(message)

        await self.app(scope, _replay(call), watch)

    def _record(self, scope: Scope, body: bytes) -> WriteRecord | None:
        if scope["method"] in {"GET", "HEAD"} or not scope["path"].startswith("/rest/"):
            return None
        write = WriteRecord(
            method=scope["method"],
            path=scope["path"],
            query=scope["query_string"].decode(),
            body=_json_or_text(body),
            client=self._client(scope),
            received_at=self.procore.now(),
        )
        self.procore.writes.append(write)
        return write

    def _client(self, scope: Scope) -> str:
        token = self.procore.live_token(Headers(scope=scope).get("authorization", ""))
        return token.client if token else ""

    def _meter(self, scope: Scope) -> Meter:
        return self.procore.meter(self._client(scope))

    def _limited(self, scope: Scope, fault: Fault | None) -> bool:
        if not scope["path"].startswith("/rest/"):
            return False
        now = self.procore.now().timestamp()
        if fault and fault.kind == "exhaust_limit":
            self._meter(scope).take(now)
            self._meter(scope).exhaust(now, int(fault.seconds), fault.window)
        return not self._meter(scope).take(now)

    def _with_limit_headers(self, scope: Scope, send: Send, *, refused: bool) -> Send:
        headers = self._meter(scope).headers(self.procore.now().timestamp(), refused=refused)

        async def add_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(headers)
            await send(message)

        return add_headers


class _Call:
    """One call in hand: its body, its row in the ledger of writes, and the way back to the caller."""

    def __init__(self, body: bytes, write: WriteRecord | None, receive: Receive, send: Send) -> None:
        self.body = body
        self.write = write
        self.receive = receive
        self.send = send


async def _read(receive: Receive) -> bytes:
    parts: list[bytes] = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


def _replay(call: _Call) -> Receive:
    sent = False

    async def receive() -> Message:
        nonlocal sent
        if sent:
            return {"type": "http.disconnect"}
        sent = True
        return {"type": "http.request", "body": call.body, "more_body": False}

    return receive


async def _swallow(message: Message) -> None:
    """The answer that nobody will see."""


async def _drop(call: _Call) -> None:
    """Close the connection without a word.

    uvicorn hands its transport over on the bound ``receive``; an in-process caller, who has no
    connection, gets the error that httpx raises for a connection closed by the peer.
    """
    if call.write:
        call.write.dropped = True
    transport = getattr(getattr(call.receive, "__self__", None), "transport", None)
    if transport is None:
        raise httpx.RemoteProtocolError("The sandbox dropped the connection without an answer.")
    transport.abort()
    while (await call.receive())["type"] != "http.disconnect":
        pass


def _json_or_text(body: bytes) -> Any:  # noqa: ANN401 - whatever the caller sent
    try:
        return json.loads(body) if body else None
    except ValueError:
        return body.decode(errors="replace")
