"""Who may read, and how lists are filtered and paged."""

from datetime import timedelta

from tests.factories.procore_double import Called

LIST = "/rest/v1.1/requisitions"


async def test_calls_without_a_live_token_get_401(called: Called) -> None:
    answer = await called.http.get(LIST, headers={"Authorization": "Bearer made-up"})
    assert answer.status_code == 401
    assert answer.json()["error_description"] == "The access token is invalid"


async def test_tokens_die_after_90_minutes(called: Called) -> None:
    now = called.procore.now() + timedelta(seconds=5_400)
    called.procore.now = lambda: now
    assert (await called.get(LIST, project_id=called.project_id)).status_code == 401


async def test_company_header_is_required_and_must_be_the_apps_own(called: Called) -> None:
    del called.http.headers["Procore-Company-Id"]
    missing = await called.get(LIST, project_id=called.project_id)
    assert missing.status_code == 400
    assert missing.json()["message"].startswith("Missing Procore-Company-Id header!")
    called.http.headers["Procore-Company-Id"] = "42"
    other = await called.get(LIST, project_id=called.project_id)
    assert other.status_code == 403
    assert other.json()["message"] == "App is not connected to this company"


async def test_pages_follow_each_other_until_no_next_link(called: Called) -> None:
    seen: list[int] = []
    page, more = 1, True
    while more:
        answer = await called.get(LIST, project_id=called.project_id, page=page, per_page=10)
        seen += [record["id"] for record in answer.json()]
        more = "next" in answer.links
        page += 1
    assert len(seen) == len(set(seen)) == int(answer.headers["Total"])
    assert answer.headers["Per-Page"] == "10"


async def test_pages_hold_30_invoices_by_default(called: Called) -> None:
    answer = await called.get(LIST, project_id=called.project_id)
    assert answer.headers["Per-Page"] == "30"


async def test_filters_by_status_commitment_period_and_ids(called: Called) -> None:
    rows = (await called.get(LIST, project_id=called.project_id, per_page=100)).json()
    first, second = rows[0], rows[1]
    drafts = await called.get(LIST, **{"project_id": called.project_id, "filters[status]": "under_review"})
    assert {record["status"] for record in drafts.json()} == {"under_review"}
    ours = await called.get(
        LIST, **{"project_id": called.project_id, "filters[commitment_id]": first["commitment_id"]}
    )
    assert len(ours.json()) == 5
    for ids in (f"{first['id']},{second['id']}", f"[{first['id']},{second['id']}]"):
        chosen = await called.get(LIST, **{"project_id": called.project_id, "filters[id]": ids})
        assert [record["id"] for record in chosen.json()] == [first["id"], second["id"]]
    wrong = await called.get(LIST, **{"project_id": called.project_id, "filters[status]": "paid"})
    assert wrong.status_code == 400


async def test_updated_at_filter_takes_days_and_instants(called: Called) -> None:
    requisition = called.procore.facts["broken_requisition_id"]
    changed = (await called.http.post(f"/control/requisitions/{requisition}/mend")).json()["updated_at"]
    for wanted in (f"{changed}...{changed}", f'"{changed}...2999-01-01"', f"{changed[:10]}...{changed[:10]}"):
        found = await called.get(
            LIST,
            **{"project_id": called.project_id, "filters[updated_at]": wanted, "filters[id]": requisition},
        )
        assert len(found.json()) == 1
    none = await called.get(
        LIST, **{"project_id": called.project_id, "filters[updated_at]": "2999-01-01...2999-02-01"}
    )
    assert none.json() == []
    wrong = await called.get(LIST, **{"project_id": called.project_id, "filters[updated_at]": "yesterday"})
    assert wrong.status_code == 400


async def test_projects_are_filtered_by_status(called: Called) -> None:
    for status, count in (("Active", 3), ("Inactive", 1), ("All", 4)):
        answer = await called.get(
            "/rest/v1.1/projects",
            **{"company_id": called.procore.company_id, "filters[by_status]": status, "view": "compact"},
        )
        assert len(answer.json()) == count


async def test_invoice_of_another_project_is_not_found(called: Called) -> None:
    other = called.procore.facts["active_project_ids"][1]
    broken = called.procore.facts["broken_requisition_id"]
    assert (await called.get(f"{LIST}/{broken}", project_id=called.project_id)).status_code == 200
    assert (await called.get(f"{LIST}/{broken}", project_id=other)).status_code == 404


async def test_hidden_commitments_and_projects_take_their_invoices_along(called: Called) -> None:
    broken = called.procore.facts["broken_requisition_id"]
    commitment = called.procore.requisitions[broken]["commitment_id"]
    await called.http.post(f"/control/commitments/{commitment}/hide")
    assert (await called.get(f"{LIST}/{broken}", project_id=called.project_id)).status_code == 404
    answer = await called.get(f"/rest/v1.0/commitments/{commitment}", project_id=called.project_id)
    assert answer.status_code == 404
    await called.http.post(f"/control/projects/{called.project_id}/hide")
    assert (await called.get(LIST, project_id=called.project_id)).status_code == 403
    await called.http.post(f"/control/projects/{called.project_id}/show")
    await called.http.post(f"/control/commitments/{commitment}/show")
    assert (await called.get(f"{LIST}/{broken}", project_id=called.project_id)).status_code == 200
