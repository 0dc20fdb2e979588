"""Webhooks as the client sets them up at the double: found again, renewed, triggered, taken away."""

from drawbridge.procore import HookDraft, Ok, ProcoreClient, Rejected
from drawbridge.sandbox.procore import Procore

DRAFT = HookDraft(
    namespace="drawbridge-main",
    payload_version="v4.0",
    destination_url="https://gateway.test/v1/webhooks/procore/main",
    authorization="made-up-authorization",
)


def _project(double: Procore) -> int:
    return int(double.facts["active_project_ids"][0])


async def test_a_hook_is_created_found_by_its_namespace_and_removed(
    client: ProcoreClient, double: Procore
) -> None:
    project, hooks = _project(double), client.webhooks
    created = await hooks.create_hook(project, DRAFT)
    assert isinstance(created, Ok)
    assert await hooks.hooks(project, "drawbridge-main") == [created.value]
    assert await hooks.hooks(project, "somebody-else") == []
    other = int(double.facts["active_project_ids"][1])
    assert await hooks.hooks(other, "drawbridge-main") == []
    assert double.webhooks.hooks[created.value.id].authorization == "made-up-authorization"

    assert await hooks.delete_hook(project, created.value.id) == Ok(None)
    gone = await hooks.delete_hook(project, created.value.id)
    assert isinstance(gone, Rejected)
    assert gone.problem.status == 404


async def test_a_paused_hook_is_renewed_with_its_authorization(
    client: ProcoreClient, double: Procore
) -> None:
    project = _project(double)
    created = await client.webhooks.create_hook(project, DRAFT)
    assert isinstance(created, Ok)
    row = double.webhooks.hooks[created.value.id]
    row.public["status"], row.authorization = "disabled", "forgotten"
    renewed = await client.webhooks.renew_hook(project, created.value.id, DRAFT, resume=True)
    assert isinstance(renewed, Ok)
    assert renewed.value.status == "active"
    assert row.authorization == "made-up-authorization"


async def test_resources_are_discovered_in_every_payload_version(
    client: ProcoreClient, double: Procore
) -> None:
    for version in ("v4.0", "v3.0", "v2.0"):
        offered = {each.name: each for each in await client.webhooks.resources(_project(double), version)}
        assert offered["Draw Requests"].actions == ("create", "update", "delete")
        assert offered["Draw Requests"].payload_version == version


async def test_triggers_are_added_at_once_and_read_back_because_some_may_fail(
    client: ProcoreClient, double: Procore
) -> None:
    project, hooks = _project(double), client.webhooks
    created = await hooks.create_hook(project, DRAFT)
    assert isinstance(created, Ok)
    wanted = [("Draw Requests", "create"), ("Draw Requests", "archive")]
    assert await hooks.add_triggers(project, created.value.id, wanted) == Ok(None)
    assert await hooks.triggers(project, created.value.id) == {("Draw Requests", "create")}


async def test_a_destination_must_be_https(client: ProcoreClient, double: Procore) -> None:
    draft = DRAFT.model_copy(update={"destination_url": "http://gateway.test"})
    refused = await client.webhooks.create_hook(_project(double), draft)
    assert isinstance(refused, Rejected)
    assert "https" in refused.problem.message
    assert refused.problem.fields.keys() == {"destination_url"}


async def test_the_authorization_is_in_no_answer_and_in_no_text(
    client: ProcoreClient, double: Procore
) -> None:
    created = await client.webhooks.create_hook(_project(double), DRAFT)
    assert "made-up-authorization" not in f"{created!r} {DRAFT!r}"


async def test_the_app_knows_its_own_user(client: ProcoreClient) -> None:
    assert (await client.me()).id > 2**32
