"""The doors that the story goes through: Drawbridge's API, the people at Procore, the clerk at the ledger."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any

import httpx

from drawbridge.testkit.stack import StackInfo

type Json = dict[str, Any]

FINAL = ("done", "refused", "failed")
PATIENCE = 90.0
"""Seconds after which the story gives up waiting for something that should happen."""


class StoryError(RuntimeError):
    """The story did not go as it must; the message says what was expected and what was there."""


async def until[T](what: str, look: Callable[[], Awaitable[T | None]], patience: float = PATIENCE) -> T:
    """Look again and again until there is something. Raises StoryError after ``patience`` seconds."""
    deadline = time.monotonic() + patience
    while True:
        found = await look()
        if found is not None:
            return found
        if time.monotonic() > deadline:
            raise StoryError(f"Waited {patience:.0f} seconds in vain: {what}.")
        await asyncio.sleep(0.1)


class Door:
    """A JSON-over-HTTP client that outlives a restart of the other side: reads are repeated."""

    def __init__(self, url: str, headers: dict[str, str] | None = None) -> None:
        self.client = httpx.AsyncClient(base_url=url, headers=headers, timeout=15, trust_env=False)

    async def close(self) -> None:
        """Close all connections."""
        await self.client.aclose()

    async def get(self, path: str, **params: str | int) -> Any:  # noqa: ANN401  # JSON of any shape
        """Read; repeats while nobody answers. Raises StoryError for an error answer."""

        async def answer() -> httpx.Response | None:
            try:
                return await self.client.get(path, params=params)
            except httpx.TransportError:
                return None

        return self._read(await until(f"no answer to GET {path}", answer))

    async def send(self, method: str, path: str, body: Json | None = None) -> Any:  # noqa: ANN401  # as get
        """Write once. Raises StoryError for an error answer, httpx.TransportError for none."""
        return self._read(await self.client.request(method, path, json=body))

    @staticmethod
    def _read(response: httpx.Response) -> Any:  # noqa: ANN401  # as get
        if response.is_error:
            raise StoryError(
                f"{response.request.method} {response.request.url.path} answered {response.status_code}: "
                f"{response.text[:500]}"
            )
        return response.json() if response.content else None


class Gateway(Door):
    """Drawbridge's REST API as the operator of the demo."""

    def __init__(self, info: StackInfo) -> None:
        headers = {"Authorization": f"Bearer {info.api_key}", "If-Match": "*"}
        super().__init__(info.api_url, headers)
        self.operations: list[str] = []

    async def act(self, path: str, body: Json | None = None) -> Json:
        """Ask for something and wait for what became of it; refusals are outcomes, too.

        The answer is the operation, whatever its HTTP status, or the problem of a request that was not
        even accepted (then without an ``id``).
        """
        response = await self._post(path, body)
        answer: Json = response.json()
        if "status" in answer and isinstance(answer.get("id"), str):
            self.operations.append(answer["id"])
            return await self.followed(answer["id"])
        return {"status": "refused", "problem": answer} | answer | {"status": "refused"}

    async def _post(self, path: str, body: Json | None) -> httpx.Response:
        """Repeats while nobody answers: an import that did go through is then refused as imported."""

        async def answer() -> httpx.Response | None:
            try:
                response = await self.client.post(path, json=body or {})
            except httpx.TransportError:
                return None
            return None if response.status_code >= httpx.codes.INTERNAL_SERVER_ERROR else response

        return await until(f"no answer to POST {path}", answer)

    async def followed(self, operation_id: str) -> Json:
        """Wait until an operation is final."""

        async def look() -> Json | None:
            operation: Json = await self.get(f"/v1/operations/{operation_id}")
            return operation if operation["status"] in FINAL else None

        return await until(f"operation {operation_id} did not end", look)

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

    async def row(self, vault: str, requisition_id: int) -> Json:
        """One row of the grid."""
        row: Json = await self.get(f"/v1/vaults/{vault}/procore-invoices/{requisition_id}")
        return row


class ProcoreDesk(Door):
    """The people who work in Procore, through the double's control API."""

    def __init__(self, info: StackInfo) -> None:
        super().__init__(info.procore_url)

    async def facts(self) -> Json:
        """Ids of what is special in the seed."""
        facts: Json = await self.get("/control/facts")
        return facts

    async def act(self, requisition_id: int, action: str) -> None:
        """Approve, un-approve, mend or delete an invoice."""
        await self.send("POST", f"/control/requisitions/{requisition_id}/{action}")

    async def correct(self, requisition_id: int, work: str) -> None:
        """Change the work billed this period; all figures of the invoice tie again."""
        await self.send("POST", f"/control/requisitions/{requisition_id}/correct", {"work": work})

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

    async def bills(self) -> list[Json]:
        """All bills."""
        bills: list[Json] = await self.get("/bills")
        return bills

    async def write_check(self, number: str, date: str, pays: dict[int, Decimal | None]) -> None:
        """Cut one check over bills of one vendor; no amount pays all that is open."""
        lines = [
            {"bill_id": bill} | ({} if amount is None else {"amount": str(amount)})
            for bill, amount in pays.items()
        ]
        await self.send("POST", "/checks", {"check_number": number, "date": date, "pays": lines})

    async def void(self, number: str, shape: str) -> None:
        """Void a check: ``delete`` leaves nothing to see, ``reversal`` adds negative rows."""
        await self.send("POST", f"/checks/{number}/void", {"shape": shape})
