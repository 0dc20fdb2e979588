"""The road of Procore's webhooks in tests of import-service: the gateway's reading, without its door."""

import json
from typing import Any
from uuid import UUID

from drawbridge.contracts.procore_changes import FollowChange
from drawbridge.gateway.domain.procore_payload import read_payload
from drawbridge.sandbox.procore import Procore
from tests.factories.imports import VAULT, ImportWorld

WEBHOOK_SECRET = "DRAWBRIDGE_SECRET_TEST_WEBHOOK"
AUTHORIZATION = "made-up-authorization"


class HintRoad:
    """Takes what the double posts, and sends the hints on as the gateway does."""

    def __init__(self, world: ImportWorld) -> None:
        self._world = world
        self.hints: list[UUID] = []
        world.procore.webhooks.post = self._post

    async def _post(self, url: str, headers: dict[str, str], payload: dict[str, Any]) -> int:
        assert url == f"https://gateway.test/v1/webhooks/procore/{VAULT}"
        assert headers == {"Authorization": AUTHORIZATION}
        event = read_payload(json.dumps(payload).encode())
        assert event is not None
        assert event.project_id is not None
        hint = FollowChange(
            vault_id=VAULT,
            event_id=event.id,
            resource=event.resource,
            resource_id=event.resource_id,
            project_id=event.project_id,
            reason=event.reason,
            user_id=event.user_id,
            application_id=event.application_id,
        )
        self.hints.append(await self._world.command(hint))
        return 202


def with_webhooks(procore: Procore) -> dict[str, Any]:
    """The vault's connection to Procore, with webhooks."""
    return {
        "company_id": procore.company_id,
        "client_id": "env:DRAWBRIDGE_SECRET_TEST_CLIENT_ID",
        "client_secret": "env:DRAWBRIDGE_SECRET_TEST_CLIENT_SECRET",
        "webhook_authorization": f"env:{WEBHOOK_SECRET}",
    }
