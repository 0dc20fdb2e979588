"""Who may use which route: the table of (route x role), tried cell by cell with a key for each caller.

A route that is not in the table fails the test: whoever adds one decides here who may use it.
"""

import re
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import httpx
import pytest
import pytest_asyncio

from tests.factories.gateway import REQUISITION, VAULT, Door, choices
from tests.factories.identity import bearer

_V = "/v1/vaults/{vault_id}"
ROUTES: dict[str, list[str]] = {
    "anybody": [
        "GET /v1/me",
        "GET /v1/me/preferences/{key}",
        "PUT /v1/me/preferences/{key}",
        "GET /v1/vaults",
        "GET /v1/operations/{operation_id}",
    ],
    "viewer": [
        f"GET {_V}",
        f"GET {_V}/events",
        f"POST {_V}/events/ticket",
        f"GET {_V}/projects",
        f"POST {_V}/projects/{{project_id}}/sync",
        f"GET {_V}/procore-invoices",
        f"GET {_V}/procore-invoices/{{requisition_id}}",
        f"GET {_V}/procore-invoices/{{requisition_id}}/history",
        f"GET {_V}/queue-documents",
        f"GET {_V}/invoices",
        f"GET {_V}/invoices/{{invoice_id}}",
        f"GET {_V}/invoices/{{invoice_id}}/source",
        f"GET {_V}/invoices/{{invoice_id}}/history",
        f"GET {_V}/invoices/{{invoice_id}}/lines",
        f"GET {_V}/invoices/{{invoice_id}}/attachments",
        f"GET {_V}/vendor-map",
        f"GET {_V}/payments",
        f"GET {_V}/payments/{{allocation_id}}",
        f"GET {_V}/payments/{{allocation_id}}/history",
        f"GET {_V}/reconciliation.csv",
        f"GET {_V}/payments/unmatched",
        f"GET {_V}/reconciliation",
        f"GET {_V}/jobs",
        f"GET {_V}/jobs/{{job}}/runs",
        f"GET {_V}/jobs/{{job}}/runs/{{run_id}}",
        f"GET {_V}/requests",
        f"GET {_V}/requests/{{request_id}}",
    ],
    "processor": [
        f"POST {_V}/procore-invoices/{{requisition_id}}/import",
        f"POST {_V}/procore-invoices/{{requisition_id}}/reprocess",
        f"POST {_V}/reprocess",
        f"POST {_V}/import",
        f"PUT {_V}/vendor-map",
        f"POST {_V}/queue-documents/{{queue_document_id}}/new-invoice",
        f"POST {_V}/invoices",
        f"POST {_V}/invoices/{{invoice_id}}/refresh",
        f"POST {_V}/invoices/{{invoice_id}}/process",
        f"POST {_V}/procore-invoices/{{requisition_id}}/dismiss",
        f"DELETE {_V}/queue-documents/{{queue_document_id}}",
        f"PATCH {_V}/invoices/{{invoice_id}}",
        f"DELETE {_V}/invoices/{{invoice_id}}",
        f"POST {_V}/invoices/{{invoice_id}}/withdraw",
        f"PUT {_V}/invoices/{{invoice_id}}/ledger-reference",
        *(
            f"POST {_V}/payments/{{allocation_id}}/{verb}"
            for verb in ("tie", "untie", "dismiss", "confirm-foreign", "write-anyway", "retry", "resolve")
        ),
        f"POST {_V}/jobs/{{job}}/runs",
    ],
    "admin": [
        f"PUT {_V}",
        f"PATCH {_V}",
        f"POST {_V}/deactivate",
        f"POST {_V}/invoices/{{invoice_id}}/reopen",
        f"GET {_V}/audit",
        f"GET {_V}/grants",
        f"POST {_V}/grants",
        f"POST {_V}/grants/withdraw",
    ],
    "operator": [
        "GET /v1/audit",
        "GET /v1/keys",
        "POST /v1/keys",
        "GET /v1/keys/{key_id}",
        "POST /v1/keys/{key_id}/rotate",
        "POST /v1/keys/{key_id}/revoke",
        "GET /v1/operators",
        "POST /v1/operators",
        "POST /v1/operators/withdraw",
        "GET /v1/parked",
        "GET /v1/parked/{parked_id}",
        "POST /v1/parked/replay",
        "POST /v1/parked/discard",
        "POST /v1/parked/{parked_id}/replay",
        "POST /v1/parked/{parked_id}/discard",
        "GET /v1/snapshots",
        "POST /v1/snapshots",
        "GET /v1/snapshots/{snapshot_id}",
    ],
    "procore": [
        "POST /v1/webhooks/procore/{hook}",
    ],
}
BODIES: dict[str, object] = {
    f"PUT {_V}": choices(),
    f"POST {_V}/reprocess": {"filter": {}},
    f"POST {_V}/import": {"filter": {}},
    "POST /v1/parked/replay": {"reason": "Why not.", "queue": "none"},
    "POST /v1/parked/discard": {"reason": "Why not.", "queue": "none"},
    f"POST {_V}/invoices/{{invoice_id}}/refresh": {"preview": True},
    f"POST {_V}/grants": {"subject": "ben", "role": "viewer"},
    f"POST {_V}/grants/withdraw": {"subject": "nobody"},
    "POST /v1/keys": {"name": "made-in-the-table"},
    "POST /v1/operators": {"subject": "ben"},
    "POST /v1/operators/withdraw": {"subject": "nobody"},
    "POST /v1/parked/{parked_id}/replay": {"reason": "test"},
    "POST /v1/parked/{parked_id}/discard": {"reason": "test"},
    "POST /v1/snapshots": {"owner": "cloud-service"},
}
IDS = {
    "hook": VAULT,
    "job": "check_backfill",
    "key_id": "0123456789abcdef",
    "project_id": "1",
    "requisition_id": str(REQUISITION),
    "snapshot_id": "20260301T080000-00000000",
}
"""Where an id is no UUID."""
_HEADERS = {"Prefer": "wait=0", "Last-Event-ID": "none, so that no stream begins"}
ROLES = ("viewer", "processor", "admin")
CALLERS: dict[str, dict[str, Any]] = {
    "nothing": {},
    "viewer": {"roles": {VAULT: "viewer"}},
    "processor": {"roles": {VAULT: "processor"}},
    "admin": {"roles": {VAULT: "admin"}},
    "stranger": {"roles": {"north": "admin"}},
    "operator": {"operator": True},
}


def _refusal(needed: str, caller: str) -> int | None:
    """The status of a caller that is refused; None for one that is let in."""
    if needed == "procore":  # which has no key of ours, and no key opens its door
        return 401
    if needed == "anybody" or caller == "operator":
        return None
    if needed == "operator":
        return 403
    if caller in {"nothing", "stranger"}:
        return 404
    return None if ROLES.index(caller) >= ROLES.index(needed) else 403


@pytest_asyncio.fixture
async def keys(door: Door) -> AsyncIterator[dict[str, str]]:
    """A key for each kind of caller."""
    made = {}
    for name, may in CALLERS.items():
        answer = await door.client.post("/v1/keys", json={"name": name, **may})
        assert answer.status_code == 201, answer.text
        made[name] = answer.json()["key"]
    yield made


def _path(template: str) -> str:
    ids = {"vault_id": VAULT, **IDS}
    return re.sub(r"{(\w+)}", lambda found: ids.get(found[1], str(uuid4())), template)


async def _ask(door: Door, route: str, key: str) -> httpx.Response:
    method, template = route.split(" ")
    return await door.client.request(
        method, _path(template), json=BODIES.get(route), headers={**_HEADERS, **bearer(key)}
    )


async def test_the_table_names_every_route(door: Door) -> None:
    document = (await door.client.get("/openapi.json")).json()
    routes = {f"{method.upper()} {path}" for path, methods in document["paths"].items() for method in methods}
    assert sorted(each for group in ROUTES.values() for each in group) == sorted(routes)


@pytest.mark.parametrize("needed", ROUTES)
async def test_every_cell_of_the_table(door: Door, keys: dict[str, str], needed: str) -> None:
    cells = 0
    for route in ROUTES[needed]:
        for caller, key in keys.items():
            answer = await _ask(door, route, key)
            expected = _refusal(needed, caller)
            if expected is not None:
                assert answer.status_code == expected, (route, caller, answer.text)
                code = {
                    401: {"unauthenticated"},
                    403: {"role_missing", "operator_only"},
                    404: {"vault_not_found"},
                }[expected]
                assert answer.json()["code"] in code, (route, caller)
            else:
                assert answer.status_code not in {401, 403}, (route, caller, answer.text)
                assert answer.status_code < 500, (route, caller, answer.text)
                if answer.status_code >= 400:
                    assert answer.json()["code"] != "vault_not_found", (route, caller)
            cells += 1
    assert cells == len(ROUTES[needed]) * len(CALLERS)


async def test_a_hidden_vault_answers_as_one_that_does_not_exist(door: Door, keys: dict[str, str]) -> None:
    hidden = await door.client.get(f"/v1/vaults/{VAULT}", headers=bearer(keys["stranger"]))
    absent = await door.client.get("/v1/vaults/absent", headers=bearer(keys["stranger"]))
    same = {"correlation_id", "detail"}
    assert {k: v for k, v in hidden.json().items() if k not in same} == {
        k: v for k, v in absent.json().items() if k not in same
    }
    assert hidden.json()["detail"].replace(VAULT, "absent") == absent.json()["detail"]


async def test_lists_and_me_show_the_callers_vaults_alone(door: Door, keys: dict[str, str]) -> None:
    for caller, seen in (("viewer", [VAULT]), ("stranger", []), ("nothing", []), ("operator", [VAULT])):
        listed = (await door.client.get("/v1/vaults", headers=bearer(keys[caller]))).json()["items"]
        me = (await door.client.get("/v1/me", headers=bearer(keys[caller]))).json()
        assert [each["id"] for each in listed] == seen
        assert [each["id"] for each in me["vaults"]] == seen
        assert me["name"] == f"key:{caller}"
    assert me["vaults"][0]["role"] == "admin"


async def test_operations_of_a_hidden_vault_do_not_exist(door: Door, keys: dict[str, str]) -> None:
    operation = (await door.post("/invoices")).json()["id"]
    path = f"/v1/operations/{operation}"
    assert (await door.client.get(path, headers=bearer(keys["viewer"]))).status_code == 200
    for caller in ("stranger", "nothing"):
        answer = await door.client.get(path, headers=bearer(keys[caller]))
        assert (answer.status_code, answer.json()["code"]) == (404, "operation_not_found")


async def test_an_admin_of_a_vault_that_does_not_exist_cannot_create_it(
    door: Door, keys: dict[str, str]
) -> None:
    answer = await door.client.put("/v1/vaults/north", json=choices(), headers=bearer(keys["stranger"]))
    assert (answer.status_code, answer.json()["code"]) == (403, "operator_only")
