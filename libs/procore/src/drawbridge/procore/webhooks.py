"""Webhooks of one company's projects, by the API's version 2.0 (1.0 was switched off in 2026)."""

from collections.abc import Sequence

from pydantic import ValidationError

from drawbridge.procore.http import ProcoreHttp, unreadable
from drawbridge.procore.models.webhook import Hook, HookDraft, Trigger, WebhookResource
from drawbridge.procore.outcomes import Ambiguous, Ok, Outcome
from drawbridge.procore.paging import pages


class ProcoreWebhooks:
    """Hooks and triggers of projects. Reads raise the error tree, writes return an `Outcome`."""

    def __init__(self, http: ProcoreHttp, company_id: int) -> None:
        self._http = http
        self._company_id = company_id

    async def resources(self, project_id: int, payload_version: str) -> list[WebhookResource]:
        """What a hook of the project can be told of, in one payload version; discover, never hard-code."""
        params = {"payload_version": payload_version}
        return await self._all(WebhookResource, f"{self._base(project_id)}/resources", params)

    async def hooks(self, project_id: int, namespace: str) -> list[Hook]:
        """The project's hooks in a namespace."""
        return await self._all(Hook, f"{self._base(project_id)}/hooks", {"namespace": namespace})

    async def create_hook(self, project_id: int, draft: HookDraft) -> Outcome[Hook]:
        """Create a hook. There is no idempotency key: list before the first call and after any doubt."""
        path = f"{self._base(project_id)}/hooks"
        return _hook(await self._http.write("POST", path, params={}, body=draft.body()))

    async def renew_hook(
        self, project_id: int, hook_id: str, draft: HookDraft, *, resume: bool
    ) -> Outcome[Hook]:
        """Write a hook again, because its ``Authorization`` cannot be read; ``resume`` a paused one."""
        body = draft.body() | ({"status": "active"} if resume else {})
        path = f"{self._base(project_id)}/hooks/{hook_id}"
        return _hook(await self._http.write("PATCH", path, params={}, body=body))

    async def delete_hook(self, project_id: int, hook_id: str) -> Outcome[None]:
        """Delete a hook with its triggers; a `Rejected` with status 404 means already gone."""
        outcome = await self._http.write("DELETE", f"{self._base(project_id)}/hooks/{hook_id}", params={})
        return Ok(None) if isinstance(outcome, Ok) else outcome

    async def triggers(self, project_id: int, hook_id: str) -> set[tuple[str, str]]:
        """What a hook is told of, as (resource name, event type)."""
        path = f"{self._base(project_id)}/hooks/{hook_id}/triggers"
        found = await self._all(Trigger, path, {})
        return {(each.resource_name or "", each.event_type or "") for each in found}

    async def add_triggers(
        self, project_id: int, hook_id: str, triggers: Sequence[tuple[str, str]]
    ) -> Outcome[None]:
        """Add triggers at once. `Ok` may be a partial success (207): read the triggers back."""
        body = [{"resource_name": name, "event_type": event} for name, event in triggers]
        path = f"{self._base(project_id)}/hooks/{hook_id}/triggers/bulk"
        outcome = await self._http.write("POST", path, params={}, body=body)
        return Ok(None) if isinstance(outcome, Ok) else outcome

    async def _all[R: (Hook, Trigger, WebhookResource)](
        self, kind: type[R], path: str, params: dict[str, str]
    ) -> list[R]:
        """All records; a list that changes while it is read may show some of them again."""
        found: list[R] = []
        async for rows in pages(self._http, path, params):
            try:
                found += [kind.model_validate(row) for row in rows]
            except ValidationError as error:
                raise unreadable(path) from error
        return found

    def _base(self, project_id: int) -> str:
        return f"/rest/v2.0/companies/{self._company_id}/projects/{project_id}/webhooks"


def _hook(outcome: Outcome[object]) -> Outcome[Hook]:
    if not isinstance(outcome, Ok):
        return outcome
    try:
        return Ok(Hook.read(outcome.value))
    except ValidationError:
        return Ambiguous("Procore accepted the hook but its answer cannot be read.")
