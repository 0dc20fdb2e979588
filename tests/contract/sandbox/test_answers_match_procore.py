"""The double's answers have the members and types that Procore's have, and no others."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.factories import procore_document
from tests.factories.procore_document import DOCUMENT
from tests.factories.procore_double import Called

VIEWS = ("default", "items", "action_policy", "header_only", "extended")
UNREADABLE = "#REF!"


def problems(name: str, value: Any) -> list[str]:  # noqa: ANN401 - any JSON
    return procore_document.problems({"$ref": f"#/components/schemas/{name}"}, value)


def rows_of(called: Called) -> Iterator[dict[str, Any]]:
    return iter(called.procore.requisitions.values())


@pytest.mark.parametrize("view", VIEWS)
async def test_requisitions_have_procores_members_in_every_view(called: Called, view: str) -> None:
    for project_id in called.procore.facts["active_project_ids"]:
        answer = await called.get("/rest/v1.1/requisitions", project_id=project_id, per_page=100, view=view)
        broken = called.procore.facts["broken_requisition_id"]
        for record in answer.json():
            if record["id"] != broken:
                assert problems("requisition", record) == []


async def test_extended_view_shows_all_42_header_members_and_24_figures(called: Called) -> None:
    facts = called.procore.facts
    answer = await called.get(
        f"/rest/v1.1/requisitions/{facts['hand_typed_payment']['requisition_id']}",
        project_id=facts["hand_typed_payment"]["project_id"],
        view="extended",
    )
    record = answer.json()
    assert record.keys() == DOCUMENT["components"]["schemas"]["requisition"]["properties"].keys()
    assert len(record["summary"]) == 25


async def test_simplified_contracts_have_no_summary_text(called: Called) -> None:
    simple = next(r for r in rows_of(called) if r["contract_invoicing_method"] == "simplified")
    answer = await called.get(
        f"/rest/v1.1/requisitions/{simple['id']}", project_id=simple["project_id"], view="extended"
    )
    assert "summary_text" not in answer.json()


async def test_the_broken_invoice_is_unreadable_until_it_is_mended(called: Called) -> None:
    broken = called.procore.facts["broken_requisition_id"]
    path = f"/rest/v1.1/requisitions/{broken}"
    answer = await called.get(path, project_id=called.project_id, view="extended")
    assert answer.json()["summary"]["current_payment_due"] == UNREADABLE
    assert problems("requisition", answer.json()) != []
    before = answer.json()["updated_at"]
    await called.http.post(f"/control/requisitions/{broken}/mend")
    mended = (await called.get(path, project_id=called.project_id, view="extended")).json()
    assert problems("requisition", mended) == []
    assert mended["updated_at"] > before


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/rest/v1.0/commitments", "commitment_list_item"),
        ("/rest/v1.0/work_order_contracts", "work_order_contract"),
        ("/rest/v1.0/purchase_order_contracts", "purchase_order_contract"),
        ("/rest/v1.0/projects/{project}/billing_periods", "billing_period"),
    ],
)
async def test_project_resources_have_procores_members(called: Called, path: str, name: str) -> None:
    for project in called.procore.facts["active_project_ids"]:
        answer = await called.get(path.format(project=project), project_id=project)
        assert answer.json()
        for record in answer.json():
            assert problems(name, record) == []


async def test_company_resources_have_procores_members(called: Called) -> None:
    company = called.procore.company_id
    for path, name in (("/rest/v1.1/projects", "project"), ("/rest/v1.0/vendors", "vendor")):
        rows = (await called.get(path, company_id=company)).json()
        assert len(rows) >= 4
        for row in rows:
            assert problems(name, row) == []
            version = path.replace("v1.1", "v1.0")
            shown = await called.get(f"{version}/{row['id']}", company_id=company)
            assert shown.json() == row


async def test_commitments_are_shown_with_type_and_payments(called: Called) -> None:
    payment = called.procore.facts["hand_typed_payment"]
    answer = await called.get(
        f"/rest/v1.0/commitments/{payment['contract_id']}", project_id=payment["project_id"]
    )
    record = answer.json()
    assert problems("commitment", record) == []
    assert record["payments_issued"][0]["check_number"] == payment["check_number"]
    assert record["total_payments"] == payment["amount"]
    assert "name" not in record["vendor"]


async def test_tokens_and_errors_have_procores_shapes(called: Called) -> None:
    sent = {
        "grant_type": "client_credentials",
        "client_id": "sandbox-client",
        "client_secret": "sandbox-secret",
    }
    for answer in (
        await called.http.post("/oauth/token", json=sent),
        await called.http.post("/oauth/token", data=sent),
    ):
        assert problems("token", answer.json()) == []
        assert answer.json()["expires_in"] == 5400
    assert problems("token_info", (await called.get("/oauth/token/info")).json()) == []
    refused = await called.http.post("/oauth/token", json=sent | {"client_secret": "wrong"})
    assert (refused.status_code, problems("oauth_error", refused.json())) == (401, [])
    unknown = await called.get("/rest/v1.1/requisitions/1", project_id=called.project_id)
    assert (unknown.status_code, problems("not_found", unknown.json())) == (404, [])
    missing = await called.get("/rest/v1.1/requisitions")
    assert (missing.status_code, problems("error", missing.json())) == (400, [])
    missing = await called.get("/rest/v1.1/requisitions/words", project_id=1)
    assert (missing.status_code, problems("error", missing.json())) == (400, [])
    nowhere = await called.get(f"/rest/v1.0/projects/{called.project_id}/requisitions")
    assert (nowhere.status_code, problems("not_found", nowhere.json())) == (404, [])
