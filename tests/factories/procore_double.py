"""A seeded Procore double and an authorised caller of it, in one process."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from drawbridge.sandbox.procore import Procore, RateLimits, create_app, seeded_procore

BASE_URL = "http://procore.test"


@dataclass
class Called:
    """The double's state, and an HTTP client that its app has already let in."""

    procore: Procore
    http: httpx.AsyncClient

    @property
    def project_id(self) -> int:
        return int(self.procore.facts["active_project_ids"][0])

    async def get(self, path: str, **query: Any) -> httpx.Response:  # noqa: ANN401 - names such as filters[id] come in dicts
        return await self.http.get(path, params=query)

    async def order(self, kind: str, **members: Any) -> None:  # noqa: ANN401 - any member of a fault
        answer = await self.http.post("/control/faults", json={"kind": kind, **members})
        assert answer.status_code == 201, answer.text


@asynccontextmanager
async def called_double(limits: RateLimits | None = None) -> AsyncIterator[Called]:
    """A fresh double with its caller."""
    procore = seeded_procore(limits=limits)
    transport = httpx.ASGITransport(create_app(procore))
    token, _ = procore.issue_token("sandbox-client")
    headers = {"Authorization": f"Bearer {token}", "Procore-Company-Id": str(procore.company_id)}
    async with httpx.AsyncClient(transport=transport, base_url=BASE_URL, headers=headers) as http:
        yield Called(procore, http)
