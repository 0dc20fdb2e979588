"""The doors that an outsider has: the API, the people at Procore, the clerk at the ledger."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import httpx

from drawbridge.testkit.stack.info import StackInfo

type Json = dict[str, Any]

FINAL = ("done", "refused", "failed")
"""What an operation's status may be in the end."""
PATIENCE = 90.0
"""Seconds after which waiting for an answer, or for something that should happen, ends."""


class DoorError(RuntimeError):
    """A door did not answer, or not as it must."""


async def until[T](what: str, look: Callable[[], Awaitable[T | None]], patience: float = PATIENCE) -> T:
    """Look again and again until there is something. Raises DoorError after ``patience`` seconds."""
    deadline = time.monotonic() + patience
    while (found := await look()) is None:
        if time.monotonic() > deadline:
            raise DoorError(f"Waited {patience:.0f} seconds in vain: {what}.")
        await asyncio.sleep(0.1)
    return found


class Door:
    """JSON over HTTP, by a client that outlives a restart of the other side."""

    def __init__(self, url: str, headers: dict[str, str] | None = None) -> None:
        self._client = httpx.AsyncClient(base_url=url, headers=headers, timeout=15, trust_env=False)
        self.failures: dict[int, int] = {}
        """How often an answer said that it was the server's fault, by status."""

    async def close(self) -> None:
        """Close all connections."""
        await self._client.aclose()

    async def ask(
        self, method: str, path: str, body: Json | None = None, **headers: str
    ) -> httpx.Response | None:
        """Ask once; None where nobody answered, or only that it did not work."""
        try:
            answer = await self._client.request(method, path, json=body, headers=headers)
        except httpx.TransportError:
            return None
        if answer.is_server_error:
            self.failures[answer.status_code] = self.failures.get(answer.status_code, 0) + 1
            return None
        return answer

    async def get(self, path: str, **params: str | int) -> Any:  # noqa: ANN401  # JSON of any shape
        """Read; asks again while nobody answers. Raises DoorError for a refusal."""
        query = str(httpx.QueryParams(params))
        target = f"{path}?{query}" if query else path
        answer = await until(f"no answer to GET {path}", lambda: self.ask("GET", target))
        return _read(answer)

    async def send(self, method: str, path: str, body: Json | None = None) -> Any:  # noqa: ANN401  # as get
        """Write; asks again while nobody answers. Raises DoorError for a refusal."""
        answer = await until(f"no answer to {method} {path}", lambda: self.ask(method, path, body))
        return _read(answer)


class Gateway(Door):
    """Drawbridge's REST API."""

    def __init__(self, info: StackInfo) -> None:
        super().__init__(info.api_url, {"Authorization": f"Bearer {info.api_key}", "If-Match": "*"})

    async def pages(self, path: str, **params: str | int) -> list[Json]:
        """All items of a list, page by page."""
        items: list[Json] = []
        cursor: str | None = None
        while True:
            page = await self.get(path, limit=200, **params, **({"cursor": cursor} if cursor else {}))
            items.extend(page["items"])
            cursor = page.get("next_cursor")
            if cursor is None:
                return items

    async def rows(self, vault: str) -> list[Json]:
        """The whole grid of a vault."""
        return await self.pages(f"/v1/vaults/{vault}/procore-invoices", range="all")


class ProcoreDesk(Door):
    """The people who work in Procore, and the double's own records."""

    def __init__(self, info: StackInfo) -> None:
        super().__init__(info.procore_url)

    async def requisitions(self, project_id: int) -> list[Json]:
        """All invoices of a project, as their owner sees them."""
        rows: list[Json] = await self.get("/control/requisitions", project_id=project_id)
        return rows

    async def contract_payments(self) -> list[Json]:
        """All contract payments, with who made them."""
        rows: list[Json] = await self.get("/control/contract-payments")
        return rows


class ClerkDesk(Door):
    """The clerk who keeps the sample ledger."""

    def __init__(self, info: StackInfo) -> None:
        super().__init__(info.clerk_url)


def _read(response: httpx.Response) -> Any:  # noqa: ANN401  # JSON of any shape
    if response.is_error:
        path = response.request.url.path
        raise DoorError(
            f"{response.request.method} {path} answered {response.status_code}: {response.text[:300]}"
        )
    return response.json() if response.content else None
