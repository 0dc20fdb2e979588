"""``drawbridge snapshot`` follows a snapshot to its end; ``after-restore`` runs the service's own command."""

from typing import Any

import pytest
import respx
from typer.testing import CliRunner, Result

from drawbridge.cli import terminal
from drawbridge.cli.commands import snapshots
from drawbridge.cli.main import app
from drawbridge.testkit.ports import free_port

GATEWAY = "http://gateway"
ID = "20260301T080000000000Z-00000001"
BEGUN: dict[str, Any] = {
    "id": ID,
    "status": "requested",
    "sent": 0,
    "total": 0,
    "problem": None,
    "removed": None,
}


@pytest.fixture(autouse=True)
def _gateway(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRAWBRIDGE_API_URL", GATEWAY)
    monkeypatch.setenv("DRAWBRIDGE_SECRET_API_KEY", "key")
    monkeypatch.setattr(terminal.out, "width", 200)
    monkeypatch.setattr(snapshots, "_LOOK_SECONDS", 0)


def _run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def _answers(*later: dict[str, Any]) -> None:
    respx.post(f"{GATEWAY}/v1/snapshots").respond(202, json=BEGUN)
    route = respx.get(f"{GATEWAY}/v1/snapshots/{ID}")
    route.side_effect = [respx.MockResponse(200, json=BEGUN | each) for each in later]


@respx.mock
def test_it_is_followed_until_it_is_done() -> None:
    running = {"status": "running", "sent": 3, "total": 7}
    _answers(running, {"status": "done", "sent": 7, "total": 7, "removed": {"a": 1, "b": 2}})
    result = _run("snapshot", "import-service", "--wait")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[-1] == "Done: 7 subjects told, 3 unknown rows removed."


@respx.mock
@pytest.mark.parametrize(
    ("ended", "words"),
    [
        (
            {"status": "failed", "problem": {"message": "It broke.", "advice": "Mend it."}},
            "The snapshot was given up: It broke. Mend it.",
        ),
        ({"status": "replaced"}, "A newer snapshot was requested; follow that one."),
    ],
)
def test_one_that_does_not_end_well_is_an_error(ended: dict[str, Any], words: str) -> None:
    _answers(ended)
    result = _run("snapshot", "gateway", "--wait")
    assert result.exit_code == 1
    assert result.stderr == f"{words}\n"


@pytest.mark.parametrize("command", ["snapshot", "after-restore"])
def test_an_unknown_service_is_refused(command: str) -> None:
    result = _run(command, "nobody")
    assert result.exit_code == 1
    assert "gateway, import-service, cloud-service, payment-backfiller" in result.stderr


def test_after_restore_gives_the_exit_code_of_the_services_command(monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"postgresql://cloud:pw@127.0.0.1:{free_port()}/drawbridge"
    monkeypatch.setenv("DRAWBRIDGE_SECRET_DATABASE_URL", url)
    assert _run("after-restore", "cloud-service").exit_code == 1
    monkeypatch.delenv("DRAWBRIDGE_SECRET_DATABASE_URL")
    assert _run("after-restore", "cloud-service").exit_code == 78
