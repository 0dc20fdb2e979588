"""The audit trail: who did what, when, from where; for a vault's admins its part of it; whole as CSV."""

import csv
from datetime import timedelta
from io import StringIO

from drawbridge.runtime import utc_now
from tests.factories.gateway import VAULT, Door, choices
from tests.factories.identity import bearer

_PATH = f"/v1/vaults/{VAULT}/audit"


async def _granted(door: Door, count: int) -> None:
    for number in range(count):
        body = {"subject": f"=cmd{number}", "role": "viewer"}
        await door.client.post(f"/v1/vaults/{VAULT}/grants", json=body)


async def test_an_admin_reads_the_own_vaults_part(door: Door) -> None:
    await door.client.put("/v1/vaults/two", json=choices(projects=[1]))
    await _granted(door, 3)
    made = await door.client.post("/v1/keys", json={"name": "adam", "roles": {VAULT: "admin"}})
    answer = await door.client.get(_PATH, headers=bearer(made.json()["key"]), params={"limit": 3})
    assert [each["action"] for each in answer.json()["items"]] == ["grant"] * 3
    rest = await door.client.get(_PATH, params={"cursor": answer.json()["next_cursor"]})
    assert {each["vault_id"] for each in (*answer.json()["items"], *rest.json()["items"])} == {VAULT}
    assert {each["address"] for each in answer.json()["items"]} == {"127.0.0.1"}


async def test_the_period_is_exported_whole_and_runs_no_formula(door: Door) -> None:
    before = utc_now()
    await _granted(door, 3)
    after = utc_now()
    params = {"since": before.isoformat(), "until": after.isoformat(), "limit": "1"}
    answer = await door.client.get(_PATH, headers={"Accept": "text/csv"}, params=params)
    assert answer.headers["content-type"].startswith("text/csv")
    lines = list(csv.DictReader(StringIO(answer.text)))
    assert [line["subject"] for line in lines] == [f"grant/{VAULT}/=cmd{number}" for number in (2, 1, 0)]
    assert {line["caller"] for line in lines} == {"operator"}
    params = {"until": (before - timedelta(days=1)).isoformat()}
    empty = await door.client.get(_PATH, headers={"Accept": "text/csv"}, params=params)
    assert list(csv.DictReader(StringIO(empty.text))) == []
