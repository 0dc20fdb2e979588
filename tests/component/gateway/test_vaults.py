"""Vaults: created, checked, versioned and told to all services."""

import pytest

from drawbridge.contracts.vaults import VaultProblemsReported, VaultSettingsState
from drawbridge.gateway.settings import Settings
from drawbridge.gateway.usecases.announce_vaults import announce_vaults
from drawbridge.persistence import check, upgrade
from tests.factories.gateway import COMPANY, VAULT, Door, choices, imported, job_state, project_state


async def test_declared_tables_equal_the_migrated_schema(settings: Settings) -> None:
    await upgrade(settings.database_url, "drawbridge.gateway")
    assert await check(settings.database_url, "drawbridge.gateway") == []


async def test_a_new_vault_is_told_to_all_services(door: Door) -> None:
    (sent,) = await door.sent()
    state = VaultSettingsState.model_validate_json(sent["payload"])
    assert sent["exchange"] == "drawbridge.events"
    assert (state.vault_id, state.version, state.change.what) == (VAULT, 1, "vault_created")
    assert state.settings.automated_import_since == state.change.at


async def test_equal_settings_change_nothing(door: Door) -> None:
    response = await door.client.put(f"/v1/vaults/{VAULT}", json=choices())
    assert (response.status_code, response.headers["ETag"]) == (200, '"1"')
    assert len(await door.sent()) == 1


async def test_only_a_change_of_behavior_moves_the_date_that_it_applies_from(door: Door) -> None:
    renamed = (await door.client.put(f"/v1/vaults/{VAULT}", json=choices(name="Other"))).json()
    assert renamed["version"] == 2
    since = door.vault["settings"]["automated_import_since"]
    assert renamed["settings"]["automated_import_since"] == since
    changed = await door.client.put(f"/v1/vaults/{VAULT}", json=choices(automated_import="queue"))
    assert changed.json()["settings"]["automated_import_since"] > since


async def test_an_outdated_if_match_is_refused(door: Door) -> None:
    response = await door.client.put(
        f"/v1/vaults/{VAULT}", json=choices(name="Other"), headers={"If-Match": '"9"'}
    )
    assert (response.status_code, response.json()["code"]) == (412, "outdated")


async def test_a_dry_run_checks_and_stores_nothing(door: Door) -> None:
    response = await door.client.put(f"/v1/vaults/{VAULT}?dry_run=true", json=choices(name="Other"))
    assert (response.status_code, response.json()["settings"]["name"]) == (200, "Other")
    assert (await door.get(""))["settings"]["name"] == "Main"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"time_zone": "Mars/Base"}, "unknown_time_zone"),
        ({"check_backfill": {"enabled": True, "schedule": "often"}}, "bad_schedule"),
        ({"check_backfill": {"enabled": True, "schedule": "0 0 0 * * *"}}, "bad_schedule"),
        ({"check_backfill": {"enabled": True, "schedule": "0 0 31 2 *"}}, "bad_schedule"),
        ({"procore": {"company_id": 1, "client_id": "plain", "client_secret": "x"}}, "secret_reference"),
        ({"accepted_statuses": []}, "invalid_request"),
        ({"automated_import": "sometimes"}, "invalid_request"),
        ({"colour": "blue"}, "invalid_request"),
    ],
)
async def test_wrong_settings_are_refused_with_advice(
    door: Door, change: dict[str, object], code: str
) -> None:
    response = await door.client.put(f"/v1/vaults/{VAULT}", json=choices(**change))
    problem = response.json()
    assert (response.status_code, problem["code"]) == (422, code)
    assert problem["advice"]
    assert "plain" not in response.text


async def test_a_project_belongs_to_one_active_vault(door: Door) -> None:
    await door.client.put("/v1/vaults/one", json=choices(projects=[5, 6]))
    taken = await door.client.put("/v1/vaults/two", json=choices(projects=[6]))
    assert (taken.status_code, taken.json()["code"]) == (409, "project_in_two_vaults")
    rest = await door.client.put("/v1/vaults/two", json=choices())
    assert (rest.status_code, rest.json()["code"]) == (409, "two_rest_vaults")
    off = await door.client.put("/v1/vaults/one", json=choices(projects=[5, 6], active=False))
    assert off.status_code == 200
    assert (await door.client.put("/v1/vaults/two", json=choices(projects=[6]))).status_code == 201


async def test_another_companys_vault_may_take_the_rest_too(door: Door) -> None:
    procore = choices()["procore"] | {"company_id": COMPANY + 1}
    assert (await door.client.put("/v1/vaults/other", json=choices(procore=procore))).status_code == 201


async def test_a_project_with_ap_invoices_stays_in_its_vault(door: Door) -> None:
    state = imported()
    await door.tell(state)
    project = state.row.project_id if state.row else 0
    moved = await door.client.put("/v1/vaults/two", json=choices(projects=[project]))
    assert (moved.status_code, moved.json()["code"]) == (409, "project_has_invoices")
    left = await door.client.put(f"/v1/vaults/{VAULT}", json=choices(projects=[1]))
    assert (left.status_code, left.json()["code"]) == (409, "project_has_invoices")


async def test_a_vault_that_a_file_manages_is_changed_there_only(door: Door) -> None:
    by_file = choices(managed_by="file")
    assert (await door.client.put(f"/v1/vaults/{VAULT}", json=by_file)).status_code == 200
    response = await door.client.put(f"/v1/vaults/{VAULT}", json=choices(name="By hand"))
    assert (response.status_code, response.json()["code"]) == (409, "managed_by_file")
    again = await door.client.put(f"/v1/vaults/{VAULT}?managed_by=file", json=choices(name="By file"))
    assert again.status_code == 200


async def test_problems_show_for_the_current_version_only(door: Door) -> None:
    missing = {"code": "secret_reference", "message": "Not set.", "advice": "Set it."}
    report = VaultProblemsReported.model_validate(
        {"vault_id": VAULT, "service": "import-service", "settings_version": 1, "problems": [missing]}
    )
    await door.tell(report)
    assert (await door.get(""))["problems"] == [
        {"service": "import-service", "settings_version": 1, "problems": [missing]}
    ]
    await door.tell(report.model_copy(update={"problems": ()}))
    assert (await door.get(""))["problems"][0]["problems"] == []
    await door.client.put(f"/v1/vaults/{VAULT}", json=choices(name="Other"))
    assert (await door.get(""))["problems"] == []


async def test_payments_flow_says_off_failing_or_ok(door: Door) -> None:
    assert (await door.get(""))["payments_flow"]["status"] == "off"
    await door.client.put(f"/v1/vaults/{VAULT}", json=choices(payment_retrieval={"enabled": True}))
    assert (await door.get(""))["payments_flow"]["status"] == "ok"
    await door.tell(job_state(status="failing", reason="The ledger does not answer."))
    flow = (await door.get(""))["payments_flow"]
    assert flow == {"status": "failing", "reason": "The ledger does not answer."}


async def test_a_vault_says_until_when_its_projects_wait_for_procore(door: Door) -> None:
    assert (await door.get(""))["waiting"] is None
    over, sooner, later = (
        {"reason": "procore_limit", "until": until}
        for until in ("2020-01-01T00:00:00Z", "2090-01-01T00:00:00Z", "2091-01-01T00:00:00Z")
    )
    await door.tell(project_state(waiting=over))
    assert (await door.get(""))["waiting"] is None
    for project_id, wait in ((11, sooner), (12, later)):
        await door.tell(project_state(project_id=project_id, waiting=wait))
    assert (await door.get(""))["waiting"] == later


async def test_announcing_keeps_the_version(door: Door) -> None:
    await announce_vaults(door.database)
    first, second = await door.sent()
    assert first["payload"] == VaultSettingsState.model_validate_json(second["payload"]).encode().replace(
        b"settings_changed", b"vault_created"
    )
    assert first["id"] != second["id"]
