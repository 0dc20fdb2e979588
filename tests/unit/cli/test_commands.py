"""What the commands print of the API's answers."""

from typing import Any

import pytest
import respx
from typer.testing import CliRunner, Result

from drawbridge.cli import terminal
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
def test_a_reprocess_that_is_not_allowed_says_why() -> None:
    problem = {
        "title": "Conflict",
        "detail": "It is already imported.",
        "advice": "Nothing needs to be done.",
    }
    respx.post(f"{GATEWAY}/v1/vaults/main/procore-invoices/5/reprocess").respond(409, json=problem)
    result = _run("reprocess", "main", "5")
    assert result.exit_code == 1
    assert result.stderr == "It is already imported. Nothing needs to be done.\n"


@respx.mock
def test_a_reprocess_names_its_operation() -> None:
    operation = {"id": "018f3c6e", "status": "queued"}
    respx.post(f"{GATEWAY}/v1/vaults/main/procore-invoices/5/reprocess").respond(202, json=operation)
    assert _run("reprocess", "main", "5").stdout == "Requested: operation 018f3c6e, queued.\n"


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
