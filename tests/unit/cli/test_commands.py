"""What the commands print of the API's answers."""

import json
from typing import Any

import httpx
import pytest
import respx
from typer.testing import CliRunner, Result

from drawbridge.cli import terminal
from drawbridge.cli.commands import procore
from drawbridge.cli.main import app

GATEWAY = "http://gateway"
FORBIDDEN = {"allowed": False, "code": "status_not_accepted", "reason": "It is a draft.", "advice": ""}
ROW: dict[str, Any] = {
    "requisition_id": 598134325841112,
    "invoice_number": "A-7",
    "vendor": {"name": "Acme"},
    "net_due": "90.00",
    "procore_status": "draft",
    "import_state": "not_imported",
    "payment_state": None,
    "error": None,
    "held_reason": None,
    "drift": None,
    "actions": {"import": FORBIDDEN},
}


@pytest.fixture(autouse=True)
def _gateway(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRAWBRIDGE_API_URL", GATEWAY)
    monkeypatch.setenv("DRAWBRIDGE_SECRET_API_KEY", "key")
    monkeypatch.setattr(terminal.out, "width", 200)


def _run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


@respx.mock
def test_the_grid_shows_every_page_with_its_reasons() -> None:
    error = {"code": "unreadable", "message": "Net due is no number.", "advice": ""}
    second = ROW | {"requisition_id": 5, "import_state": "error", "error": error}
    pages = [
        {"items": [ROW], "next_cursor": "c", "as_of": "2026-03-01T08:00:00Z"},
        {"items": [second], "next_cursor": None, "as_of": "2026-03-01T08:00:00Z"},
    ]
    route = respx.get(f"{GATEWAY}/v1/vaults/main/procore-invoices")
    route.side_effect = [respx.MockResponse(200, json=page) for page in pages]
    result = _run("grid", "main", "--project", "2")
    assert result.exit_code == 0
    assert "It is a draft." in result.stdout
    assert "Net due is no number." in result.stdout
    assert "As of 2026-03-01T08:00:00Z." in result.stdout
    assert dict(route.calls[0].request.url.params) == {"project_id": "2", "past_days": "30"}
    assert route.calls[1].request.url.params["cursor"] == "c"


@respx.mock
def test_all_days_of_the_grid_can_be_asked_for() -> None:
    route = respx.get(f"{GATEWAY}/v1/vaults/main/procore-invoices")
    route.respond(200, json={"items": [], "next_cursor": None, "as_of": None})
    result = _run("grid", "main", "--project", "2", "--all")
    assert "has not been read from Procore yet" in result.stdout
    assert dict(route.calls.last.request.url.params) == {"project_id": "2", "range": "all"}


@respx.mock
def test_a_reprocess_says_for_each_row_why_not() -> None:
    problem = {"code": "already_imported", "message": "It is already imported.", "advice": ""}
    rows = [
        {"requisition_id": 5, "operation_id": "o5", "problem": None},
        {"requisition_id": 6, "operation_id": None, "problem": problem},
    ]
    route = respx.post(f"{GATEWAY}/v1/vaults/main/reprocess").respond(202, json={"rows": rows})
    result = _run("reprocess", "main", "5", "6")
    assert json.loads(route.calls.last.request.content) == {"requisition_ids": [5, 6]}
    assert result.exit_code == 1
    assert result.stdout == "Requested 1 of 2.\n6: It is already imported.\n"


@respx.mock
def test_an_import_is_followed_to_every_end() -> None:
    problem = {"code": "unreadable", "message": "Line 2 has no amount.", "advice": "Correct it."}
    rows = [{"requisition_id": number, "operation_id": f"o{number}", "problem": None} for number in (5, 6)]
    route = respx.post(f"{GATEWAY}/v1/vaults/main/import").respond(202, json={"rows": rows})
    done = {"status": "done", "problem": None}
    respx.get(f"{GATEWAY}/v1/operations/o5").respond(200, json=done)
    respx.get(f"{GATEWAY}/v1/operations/o6").respond(200, json={"status": "failed", "problem": problem})
    result = _run("import", "main", "--project", "2", "--state", "not_imported", "--json")
    assert json.loads(route.calls.last.request.content) == {
        "filter": {"project_id": 2, "state": "not_imported"}
    }
    assert [each["status"] for each in json.loads(result.stdout)] == ["done", "failed"]
    assert result.exit_code == 1
    assert "Line 2 has no amount. Correct it." in _run("import", "main", "5").stdout
    assert "but not both" in _run("import", "main").stderr


@respx.mock
def test_a_job_that_failed_says_why() -> None:
    respx.post(f"{GATEWAY}/v1/vaults/main/jobs/check_backfill/runs").respond(202, json={"id": "o1"})
    answer = respx.get(f"{GATEWAY}/v1/operations/o1")
    answer.respond(200, json={"status": "done", "problem": None, "result": {"counts": {"written": 3}}})
    assert _run("jobs", "run", "main", "check_backfill").stdout == "Done: 3 written.\n"
    problem = {"code": "ledger_down", "message": "The ledger is down.", "advice": "Start it."}
    answer.respond(200, json={"status": "failed", "problem": problem, "result": {}})
    result = _run("jobs", "run", "main", "check_backfill")
    assert (result.exit_code, result.stderr) == (1, "The ledger is down. Start it.\n")


@respx.mock
def test_a_difference_between_ledger_and_procore_ends_with_1() -> None:
    balance = {"commitment_id": 3, "paid": "9.00", "issued": "9.00", "difference": "0.00", "cause": ""}
    route = respx.get(f"{GATEWAY}/v1/vaults/main/reconciliation")
    route.respond(200, json={"items": [balance]})
    assert _run("reconcile", "main").exit_code == 0
    route.respond(200, json={"items": [balance | {"difference": "1.00", "cause": "One is not written."}]})
    result = _run("reconcile", "main")
    assert result.exit_code == 1
    assert "One is not written." in result.stdout


@respx.mock
def test_parked_messages_are_settled_until_none_is_left() -> None:
    answers = [{"settled": 1000, "more": True}, {"settled": 2, "more": False}]
    route = respx.post(f"{GATEWAY}/v1/parked/replay")
    route.side_effect = [httpx.Response(200, json=answer) for answer in answers]
    result = _run("parked", "replay", "--queue", "import-service.commands", "--reason", "It is back.")
    assert (result.stdout, route.call_count) == ("1002 settled.\n", 2)
    asked = {"reason": "It is back.", "queue": "import-service.commands"}
    assert [json.loads(each.request.content) for each in route.calls] == [asked, asked]
    assert _run("parked", "discard", "--reason", "x").exit_code == 1


@respx.mock
def test_vaults_are_listed_with_their_problems() -> None:
    vault = {
        "id": "main",
        "settings": {
            "name": "Main",
            "active": False,
            "procore": {"company_id": 7},
            "automated_import": "queue",
        },
        "problems": [{"service": "import-service", "problems": [{"message": "No such secret."}]}],
        "payments_flow": {"status": "off"},
        "waiting": None,
    }
    respx.get(f"{GATEWAY}/v1/vaults").respond(200, json={"items": [vault]})
    result = _run("vaults", "list")
    assert "main (deactivated)" in result.stdout
    assert "No such secret." in result.stdout


@respx.mock
def test_parked_messages_are_listed_with_reason_and_advice() -> None:
    message = {
        "id": "018f3c6e",
        "queue": "drawbridge.reprocess",
        "type": "",
        "parked_at": "2026-03-01T08:00:00Z",
        "problem": {"message": "The body is not JSON.", "advice": "Send JSON."},
    }
    route = respx.get(f"{GATEWAY}/v1/parked").respond(200, json={"items": [message]})
    assert "The body is not JSON. Send JSON." in _run("parked", "list").stdout
    route.respond(200, json={"items": []})
    assert _run("parked", "list").stdout == "Nothing is parked.\n"


@respx.mock
def test_an_answer_that_is_not_the_gateways_is_one_sentence() -> None:
    respx.get(f"{GATEWAY}/v1/parked").respond(200, text="<html>")
    result = _run("parked", "list")
    assert result.exit_code == 1
    assert result.stderr == f"{GATEWAY} does not answer in JSON. Is DRAWBRIDGE_API_URL the gateway?\n"


@respx.mock
def test_wrong_members_of_a_request_are_named() -> None:
    wrong = [{"where": "query.project_id", "message": "Input should be greater than or equal to 1"}]
    problem = {"title": "Unprocessable", "detail": "The request is not valid.", "errors": wrong, "advice": ""}
    respx.get(f"{GATEWAY}/v1/vaults/main/procore-invoices").respond(422, json=problem)
    result = _run("grid", "main", "--project", "0")
    assert "query.project_id: Input should be greater than or equal to 1." in result.stderr


def test_the_check_of_procore_is_the_services_own(capfd: pytest.CaptureFixture[str]) -> None:
    result = _run("procore", "check", "--help")
    assert result.exit_code == 0
    assert "--client-secret" in capfd.readouterr().out


def test_the_check_of_procore_says_where_to_run_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(procore, "find_spec", lambda _name: None)
    result = _run("procore", "check", "--company", "1")
    assert result.exit_code == 1
    assert "drawbridge.import_service procore-check" in result.stderr
