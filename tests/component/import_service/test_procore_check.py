"""The command `procore-check` against a double behind a real socket."""

import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn
from typer.testing import CliRunner, Result

from drawbridge.import_service import __main__ as commands
from drawbridge.sandbox.procore import Procore, create_app, seeded_procore
from drawbridge.testkit.ports import free_port

CLIENT_ID, CLIENT_SECRET = "DRAWBRIDGE_SECRET_CHECK_ID", "DRAWBRIDGE_SECRET_CHECK_SECRET"


@pytest.fixture
def procore(monkeypatch: pytest.MonkeyPatch) -> Iterator[Procore]:
    """A double that the settings point to."""
    procore, port = seeded_procore(), free_port()
    config = uvicorn.Config(create_app(procore), port=port, log_level="warning", lifespan="off")
    server = uvicorn.Server(config)
    serving = threading.Thread(target=server.run)
    serving.start()
    while not server.started:
        time.sleep(0.01)
    for name in ("DRAWBRIDGE_PROCORE_API_URL", "DRAWBRIDGE_PROCORE_LOGIN_URL"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{port}")
    monkeypatch.setenv("DRAWBRIDGE_SECRET_DATABASE_URL", "postgresql://nobody:x@127.0.0.1:1/none")
    monkeypatch.setenv("DRAWBRIDGE_SECRET_AMQP_URL", "amqp://nobody:x@127.0.0.1:1/")
    monkeypatch.setenv(CLIENT_ID, "sandbox-client")
    monkeypatch.setenv(CLIENT_SECRET, "sandbox-secret")
    monkeypatch.setenv("COLUMNS", "200")
    yield procore
    server.should_exit = True
    serving.join()


def _check(company: int, secret: str = f"env:{CLIENT_SECRET}") -> Result:
    arguments = ["--company", str(company), "--client-id", f"env:{CLIENT_ID}", "--client-secret", secret]
    return CliRunner().invoke(commands.app, ["procore-check", *arguments])


def test_a_good_connection_ends_with_0_and_a_table(procore: Procore) -> None:
    result = _check(procore.company_id)
    assert result.exit_code == 0, result.output
    for words in ("Token", "Harbor Ridge Builders", "Subcontractor invoices", "all control totals hold"):
        assert words in result.output
    assert procore.writes == []


def test_something_red_ends_with_1_and_advice(procore: Procore) -> None:
    result = _check(procore.company_id + 1)
    assert result.exit_code == 1
    assert "red" in result.output
    assert "installed" in result.output


def test_a_secret_that_is_not_there_is_one_red_line(procore: Procore) -> None:
    result = _check(procore.company_id, "env:DRAWBRIDGE_SECRET_MISSING")
    assert result.exit_code == 1
    assert "DRAWBRIDGE_SECRET_MISSING is not set" in result.output
    assert "sandbox-secret" not in result.output
