"""Bulk import, bulk settling of parked messages, and what front ends remember."""

from drawbridge.contracts.import_commands import ImportInvoice
from drawbridge.gateway.usecases.keep_parked import keep_parked
from drawbridge.persistence import Properties, RawMessage
from tests.factories.gateway import VAULT, Door, imported, row_state


async def test_a_bulk_import_has_an_outcome_for_every_row(door: Door) -> None:
    await door.tell(
        row_state(requisition_id=1),
        row_state(requisition_id=2, procore_status="draft"),
        row_state(requisition_id=3, import_state="held", held_reason="withdrawn: x"),
        imported(requisition_id=4),
    )
    named = (await door.post("/import", {"requisition_ids": [1, 2, 3, 4, 9, 1]})).json()
    assert (named["requested"], named["refused"]) == (2, 3)
    outcomes = {row["requisition_id"]: row["problem"] and row["problem"]["code"] for row in named["rows"]}
    assert outcomes == {
        1: None,
        2: "status_not_accepted",
        3: None,
        4: "already_imported",
        9: "procore_invoice_not_found",
    }
    sent = [ImportInvoice.model_validate_json(each["payload"]) for each in (await door.sent())[-2:]]
    assert {(each.requisition_id, each.how) for each in sent} == {(1, "manual"), (3, "manual")}
    assert all(each.bulk for each in sent)
    filtered = (await door.post("/import", {"filter": {}})).json()
    held = next(row for row in filtered["rows"] if row["requisition_id"] == 3)
    assert (filtered["requested"], held["problem"]["code"]) == (1, "held")
    neither = await door.post("/import", {})
    assert (neither.status_code, neither.json()["code"]) == (422, "invalid_request")


async def test_parked_messages_are_settled_by_filter(door: Door) -> None:
    async with door.database.transaction() as tx:
        await keep_parked(tx, [_parked("a", "one"), _parked("a", "two"), _parked("b", "one")])
    body = {"reason": "The ledger is back.", "queue": "a"}
    assert (await door.client.post("/v1/parked/replay", json=body)).json() == {"settled": 2, "more": False}
    assert [each["routing_key"] for each in (await door.sent())[-2:]] == ["a", "a"]
    rest = (await door.client.get("/v1/parked")).json()["items"]
    assert [each["queue"] for each in rest] == ["b"]
    dropped = await door.client.post("/v1/parked/discard", json={"reason": "Old.", "code": "one"})
    assert dropped.json()["settled"] == 1
    nothing = await door.client.post("/v1/parked/discard", json={"reason": "All."})
    assert (nothing.status_code, nothing.json()["code"]) == (422, "invalid_request")
    lines = (await door.client.get("/v1/audit")).json()["items"]
    assert [line["action"] for line in lines][:2] == ["discard_parked", "replay_parked"]


def _parked(queue: str, code: str) -> RawMessage:
    headers = {"drawbridge-queue": queue, "drawbridge-code": code, "drawbridge-reason": "It broke."}
    properties = Properties(message_id=f"{queue}-{code}")
    return RawMessage(b"{}", headers, properties, "", "drawbridge.parked", "drawbridge.parked")


async def test_a_front_end_finds_again_what_it_remembered(door: Door) -> None:
    path = "/v1/me/preferences/grid.columns"
    assert (await door.client.get(path)).json()["code"] == "preference_not_found"
    del door.client.headers["If-Match"]
    value = {"columns": ["vendor"], "past_days": 60}
    first = await door.client.put(path, json=value)
    assert (first.status_code, first.headers["ETag"]) == (200, '"1"')
    assert (await door.client.get(path)).json()["value"] == value
    blind = await door.client.put(path, json=[])
    assert (blind.status_code, blind.json()["code"]) == (428, "if_match_missing")
    second = await door.client.put(path, json=False, headers={"If-Match": '"1"'})
    assert (second.json()["version"], second.json()["value"]) == (2, False)
    late = await door.client.put(path, json=[], headers={"If-Match": '"1"'})
    assert (late.status_code, late.json()["current_version"]) == (412, 2)
    large = await door.client.put(path, json="x" * 16_400, headers={"If-Match": "*"})
    assert (large.status_code, large.json()["code"]) == (422, "too_large")
    assert VAULT not in (await door.client.get(path)).text
