"""The check of a Procore connection, against the double."""

from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from drawbridge.import_service.domain.finding import Finding
from drawbridge.import_service.usecases.check_procore import ProcoreChecker
from drawbridge.procore import Credentials, ProcoreClient, RateLimiter
from drawbridge.sandbox.procore import Procore, create_app, seeded_procore
from drawbridge.sandbox.procore.faults import Fault

HOST = "http://procore.test"
TOOLS = ["Directory", "Commitments", "Subcontractor invoices", "Billing periods"]
ALL = ["Token", "Company", "Projects", *TOOLS, "One invoice", "Webhooks", "Rate limit"]


@pytest.fixture
def procore() -> Procore:
    return seeded_procore()


async def _check(
    procore: Procore, secret: str | None = None, company_id: int | None = None
) -> dict[str, Finding]:
    limiter, wanted = RateLimiter(), company_id or procore.company_id
    async with ProcoreClient(
        api_url=HOST,
        login_url=HOST,
        credentials=Credentials("sandbox-client", SecretStr(secret or procore.clients["sandbox-client"])),
        company_id=wanted,
        limiter=limiter,
        transport=httpx.ASGITransport(create_app(procore)),
    ) as client:
        findings = await ProcoreChecker(client, limiter, wanted).run()
    return {finding.what: finding for finding in findings}


def _fault(procore: Procore, kind: str, path: str, **members: Any) -> None:  # noqa: ANN401  # any member of a fault
    match = {"path_prefix": path}
    procore.faults.pending.append(
        Fault.model_validate({"kind": kind, "match": match, "times": 50, **members})
    )


def _states(findings: dict[str, Finding]) -> dict[str, str]:
    return {what: finding.state for what, finding in findings.items()}


async def test_a_good_connection_is_all_well_and_nothing_is_written(procore: Procore) -> None:
    findings = await _check(procore)
    assert _states(findings) == dict.fromkeys(ALL, "ok")
    assert procore.writes == []
    assert f"{len(procore.facts['active_project_ids'])} active" in findings["Projects"].found
    assert "all control totals hold" in findings["One invoice"].found
    assert "net due" in findings["One invoice"].found
    assert "calls left until" in findings["Rate limit"].found


async def test_a_wrong_secret_ends_the_check_with_advice_and_is_not_repeated(procore: Procore) -> None:
    findings = await _check(procore, secret="hush")
    assert _states(findings) == {"Token": "red"}
    assert "client id and secret" in findings["Token"].advice
    assert "hush" not in str(findings)


async def test_a_company_without_the_app_is_red(procore: Procore) -> None:
    findings = await _check(procore, company_id=4711)
    assert _states(findings) == {"Token": "ok", "Company": "red", "Rate limit": "ok"}
    assert "not connected" in findings["Company"].found
    assert "installed" in findings["Company"].advice


async def test_an_app_without_projects_is_red(procore: Procore) -> None:
    procore.hidden |= set(procore.projects)
    findings = await _check(procore)
    assert _states(findings) == {"Token": "ok", "Company": "ok", "Projects": "red", "Rate limit": "ok"}
    assert "installation" in findings["Projects"].advice


@pytest.mark.parametrize(
    ("tool", "path", "state"),
    [
        ("Directory", "/rest/v1.0/vendors", "look"),
        ("Commitments", "/rest/v1.0/commitments", "red"),
        ("Subcontractor invoices", "/rest/v1.1/requisitions", "red"),
    ],
)
async def test_a_tool_that_may_not_be_read_is_named_with_what_it_costs(
    procore: Procore, tool: str, path: str, state: str
) -> None:
    _fault(procore, "fail", path, status=403)
    findings = await _check(procore)
    assert findings[tool].state == state
    assert "Not readable" in findings[tool].found
    assert "Give the app read permission" in findings[tool].advice
    assert [findings[each].state for each in TOOLS if each != tool] == ["ok"] * 3


async def test_a_broken_invoice_is_red_and_names_the_member(procore: Procore) -> None:
    broken = procore.requisitions[procore.facts["broken_requisition_id"]]
    procore.requisitions = {broken["id"]: broken}
    findings = await _check(procore)
    assert findings["One invoice"].state == "red"
    assert "should be a number" in findings["One invoice"].found


async def test_a_total_that_does_not_hold_is_shown_with_its_difference(procore: Procore) -> None:
    for each in procore.requisitions.values():
        each["summary"]["total_retainage"] = "1.0"
    findings = await _check(procore)
    assert findings["One invoice"].state == "look"
    assert "does not hold; the difference is" in findings["One invoice"].found


async def test_without_an_approved_invoice_there_is_nothing_to_map(procore: Procore) -> None:
    for each in procore.requisitions.values():
        each["status"] = "draft"
    findings = await _check(procore)
    assert findings["One invoice"].state == "look"
    assert "Approve one" in findings["One invoice"].advice


async def test_procores_limit_is_told_and_not_waited_for(procore: Procore) -> None:
    _fault(procore, "exhaust_limit", "/rest/v1.0/commitments", seconds=600)
    findings = await _check(procore)
    assert "procore_limit" in findings["Commitments"].found
    assert "0 of 1000 calls left" in findings["Rate limit"].found
    assert findings["Rate limit"].state == "look"


async def test_whether_webhooks_are_possible_is_told_and_that_nothing_depends_on_them() -> None:
    procore = seeded_procore()
    possible = (await _check(procore))["Webhooks"]
    assert possible.state == "ok"
    assert "'Draw Requests' in version v4.0" in possible.found
    procore.webhooks.offered = {"Contract Payments": ["create"]}
    impossible = (await _check(procore))["Webhooks"]
    assert impossible.state == "look"
    assert "offers no webhooks" in impossible.found
    assert "found by the poll" in impossible.advice
    assert procore.webhooks.hooks == {}
