"""The vendor map as JSON and as CSV."""

from typing import Any

from drawbridge.contracts.import_commands import ChangeVendorMap
from drawbridge.contracts.vendor_map import VendorCodeState, VendorMapChanged
from tests.factories.gateway import CHANGE, VAULT, Door

PATH = f"/v1/vaults/{VAULT}/vendor-map"


def _vendor(vendor_id: int, **members: Any) -> VendorCodeState:  # noqa: ANN401  # any member
    known = {"version": vendor_id, "change": CHANGE, "vault_id": VAULT, "vendor_id": vendor_id}
    return VendorCodeState.model_validate(known | members)


async def test_a_csv_that_was_read_can_be_sent_back(door: Door) -> None:
    acme = _vendor(1, name="Acme", code="HAND", source="hand", procore_code="P-1")
    bolt = _vendor(2, name="=Bolt", code="P-2", source="procore", procore_code="P-2")
    await door.tell(acme, bolt)
    read = await door.client.get(PATH, headers={"Accept": "text/csv"})
    assert read.headers["content-type"].startswith("text/csv")
    assert read.text.splitlines()[1:] == ["2,'=Bolt,P-2,procore,P-2", "1,Acme,HAND,hand,P-1"]
    assert read.headers["ETag"] == '"2"'
    headers = {"Content-Type": "text/csv", "If-Match": read.headers["ETag"], "Prefer": "wait=0"}
    sent = await door.client.put(PATH, content=read.content, headers=headers)
    assert sent.status_code == 202
    outgoing = (await door.sent())[-1]
    command = ChangeVendorMap.model_validate_json(outgoing["payload"])
    assert [(each.vendor_id, each.code) for each in command.codes] == [(1, "HAND")]
    assert command.expected_version == 2
    answer = VendorMapChanged(
        vault_id=VAULT,
        command_id=outgoing["id"],
        command_subject=command.subject(),
        changed=0,
        map_version=2,
    )
    await door.tell(answer)
    assert (await door.operation(sent.json()["id"]))["result"] == {"changed": 0, "map_version": 2}


async def test_json_names_what_is_wrong_and_an_old_map_is_412(door: Door) -> None:
    await door.tell(_vendor(7, name="Acme", code="P", source="procore", procore_code="P"))
    shown = (await door.client.get(PATH)).json()
    assert (shown["version"], shown["items"][0]["code"]) == (7, "P")
    wrong = await door.client.put(PATH, json={"items": [{"vendor_id": 0, "code": "X"}]})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "bad_vendor_map")
    assert "items.0.vendor_id" in wrong.json()["detail"]
    late = await door.client.put(PATH, json={"items": []}, headers={"If-Match": '"6"'})
    assert (late.status_code, late.json()["current_version"]) == (412, 7)
