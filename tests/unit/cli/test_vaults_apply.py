"""`drawbridge vaults apply` sends each vault and tells what the gateway and the services say."""

from pathlib import Path

import httpx
import pytest
import respx
from typer.testing import CliRunner, Result

from drawbridge.cli import apply
from drawbridge.cli.main import app

VAULT = """
vaults:
  main:
    name: Main
    procore: {company_id: 7, client_id: file:a, client_secret: file:b}
"""


@pytest.fixture(autouse=True)
def _gateway(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRAWBRIDGE_API_URL", "http://gateway")
    monkeypatch.setenv("DRAWBRIDGE_SECRET_API_KEY", "key")
    monkeypatch.setattr(apply, "WAIT_SECONDS", 0.0)


def _apply(folder: Path, *options: str) -> Result:
    file = folder / "vaults.yaml"
    file.write_text(VAULT, encoding="utf-8")
    return CliRunner().invoke(app, ["vaults", "apply", str(file), *options])


def _reports(version: int, *problems: dict[str, str]) -> httpx.Response:
    reports = [
        {"service": service, "settings_version": version, "problems": list(problems)}
        for service in apply.SERVICES
    ]
    return httpx.Response(200, json={"id": "main", "version": 3, "problems": reports})


@respx.mock
def test_a_vault_that_all_services_take_is_shown_as_well(tmp_path: Path) -> None:
    put = respx.put("http://gateway/v1/vaults/main").respond(200, json={"version": 3})
    respx.get("http://gateway/v1/vaults/main").mock(return_value=_reports(3))
    result = _apply(tmp_path)
    assert result.exit_code == 0
    assert result.stdout.count("well") == 3
    assert put.calls.last.request.headers["authorization"] == "Bearer key"
    assert b'"managed_by":"file"' in put.calls.last.request.content


@respx.mock
def test_a_problem_of_a_service_is_one_sentence_and_fails(tmp_path: Path) -> None:
    respx.put("http://gateway/v1/vaults/main").respond(200, json={"version": 3})
    problem = {"code": "secret_reference", "message": "There is no file a.", "advice": "Put it there."}
    respx.get("http://gateway/v1/vaults/main").mock(return_value=_reports(3, problem))
    result = _apply(tmp_path)
    assert result.exit_code == 1
    assert "vaults.yaml, vault main, import-service: There is no file a. Put it there.\n" in result.stderr


@respx.mock
def test_reports_on_an_older_version_do_not_count(tmp_path: Path) -> None:
    respx.put("http://gateway/v1/vaults/main").respond(200, json={"version": 3})
    respx.get("http://gateway/v1/vaults/main").mock(return_value=_reports(2))
    result = _apply(tmp_path)
    assert result.exit_code == 1
    assert "vault main: cloud-service has not answered within" in result.stderr


@respx.mock
def test_a_refusal_of_the_gateway_is_told_with_its_advice(tmp_path: Path) -> None:
    problem = {"title": "Conflict", "detail": "The project 1 belongs to east.", "advice": "Choose one."}
    respx.put("http://gateway/v1/vaults/main").respond(409, json=problem)
    result = _apply(tmp_path)
    assert result.exit_code == 1
    assert "vault main: The project 1 belongs to east. Choose one.\n" in result.stderr


@respx.mock
def test_a_dry_run_only_asks(tmp_path: Path) -> None:
    put = respx.put("http://gateway/v1/vaults/main", params={"dry_run": "true"}).respond(
        200, json={"version": 3}
    )
    result = _apply(tmp_path, "--dry-run")
    assert result.exit_code == 0
    assert put.call_count == 1
    assert "would be accepted" in result.stdout


def test_a_missing_key_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DRAWBRIDGE_SECRET_API_KEY")
    result = _apply(tmp_path)
    assert result.exit_code == 1
    assert result.stderr == "DRAWBRIDGE_SECRET_API_KEY is not set: set it to an API key of the gateway.\n"
