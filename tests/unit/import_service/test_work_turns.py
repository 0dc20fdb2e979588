"""Whatever nobody waits for leaves the reserve of Procore's limit to who does."""

from collections.abc import Callable
from contextlib import nullcontext
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from drawbridge.contracts.envelope import Cause
from drawbridge.contracts.errors import Waiting
from drawbridge.contracts.import_commands import ImportInvoice
from drawbridge.import_service.entrypoints.work import (
    CommandWork,
    ListWork,
    LookWork,
    RecheckWork,
    SyncWork,
    WebhookWork,
)
from drawbridge.persistence import CLICK, NORMAL, WorkHandler, WorkItem
from drawbridge.procore import RateLimiter
from drawbridge.runtime import utc_now


class Calling:
    """A use case that makes one call to Procore, of whose limit only the reserve is left."""

    def __init__(self) -> None:
        self._limiter = RateLimiter()
        reset = utc_now() + timedelta(minutes=20)
        left = {"limit": "100", "remaining": "3", "reset": str(int(reset.timestamp()))}
        self._limiter.saw({f"x-rate-limit-{name}": value for name, value in left.items()})

    async def run(self, *_: object) -> None:
        await self._limiter.turn()


def _item(priority: int) -> WorkItem:
    command = ImportInvoice(vault_id="main", requested_by="kim", project_id=1, requisition_id=2, how="manual")
    return WorkItem(
        id=uuid4(),
        kind="some",
        subject="some/1",
        vault_id="main",
        payload=command.model_dump(mode="json"),
        cause=Cause.new(),
        priority=priority,
        attempts=1,
        lease_token=uuid4(),
        leased_until=utc_now(),
        created_at=utc_now(),
    )


@pytest.mark.parametrize("priority", [CLICK, NORMAL])
@pytest.mark.parametrize(
    "handler",
    [
        lambda use_case: CommandWork(ImportInvoice, use_case),
        SyncWork,
        ListWork,
        RecheckWork,
        LookWork,
        WebhookWork,
    ],
)
async def test_only_a_click_may_use_the_reserve(handler: Callable[[Any], WorkHandler], priority: int) -> None:
    with nullcontext() if priority == CLICK else pytest.raises(Waiting):
        await handler(Calling()).run(_item(priority))
