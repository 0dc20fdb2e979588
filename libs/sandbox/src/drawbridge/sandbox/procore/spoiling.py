"""Answers that arrive, but not as they should: cut short, of another kind, gigantic, or drop by drop."""

import asyncio
from collections.abc import MutableMapping
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.types import Message, Send

from drawbridge.sandbox.procore.faults import Fault

SPOILING = frozenset({"cut_short", "html", "inflate", "drip"})
PAGE = b"<!DOCTYPE html><html><body><h1>We will be back soon</h1></body></html>"
PIECES = 50
MEGABYTE = 2**20


class Spoiler:
    """Holds an answer back until it is whole, then sends it on as the fault says."""

    def __init__(self, fault: Fault, send: Send) -> None:
        self._fault = fault
        self._send = send
        self._start: MutableMapping[str, Any] = {}
        self._body = b""

    async def __call__(self, message: Message) -> None:
        """Take one part of the answer."""
        if message["type"] == "http.response.start":
            self._start = message
            return
        self._body += message.get("body", b"")
        if not message.get("more_body"):
            await self._send_on()

    async def _send_on(self) -> None:
        body, pause = self._spoiled(), 0.0
        pieces = [body]
        if self._fault.kind == "drip":
            size = max(1, len(body) // PIECES)
            pieces = [body[at : at + size] for at in range(0, len(body), size)]
            pause = self._fault.seconds / PIECES
        headers = MutableHeaders(raw=self._start["headers"])
        headers["content-length"] = str(len(body))
        if self._fault.kind == "html":
            self._start["status"] = 200
            headers["content-type"] = "text/html; charset=utf-8"
        await self._send({**self._start, "headers": headers.raw})
        for piece in pieces:
            await asyncio.sleep(pause)
            await self._send({"type": "http.response.body", "body": piece, "more_body": True})
        await self._send({"type": "http.response.body", "body": b""})

    def _spoiled(self) -> bytes:
        match self._fault.kind:
            case "cut_short":
                return self._body[: len(self._body) // 2]
            case "html":
                return PAGE
            case "inflate":
                return self._body + b" " * (self._fault.megabytes * MEGABYTE)
            case _:
                return self._body
