"""The commands of a schema answer in one sentence, and need nothing but the database's URL."""

import pytest
import typer
from typer.testing import CliRunner

from drawbridge.cloud_service.store.owned import OURS
from drawbridge.persistence.commands import add_schema_commands
from drawbridge.testkit.ports import free_port

COMMANDS = (["migrate"], ["republish", "--since", "2026-03-01"], ["after-restore"])


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> typer.Typer:
    monkeypatch.delenv("DRAWBRIDGE_SECRET_AMQP_URL", raising=False)
    made = typer.Typer()
    add_schema_commands(made, OURS)
    return made


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_a_database_that_is_away_is_one_sentence(
    app: typer.Typer, monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    url = f"postgresql://cloud:hush@127.0.0.1:{free_port()}/drawbridge"
    monkeypatch.setenv("DRAWBRIDGE_SECRET_DATABASE_URL", url)
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 1
    assert result.output.startswith("PostgreSQL does not answer: ")
    assert result.output.count("\n") == 1
    assert "hush" not in result.output


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_a_missing_url_is_one_sentence(
    app: typer.Typer, monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    monkeypatch.delenv("DRAWBRIDGE_SECRET_DATABASE_URL", raising=False)
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 78
    assert result.output.startswith("DRAWBRIDGE_SECRET_DATABASE_URL is not set")


def test_a_time_that_cannot_be_read_is_refused(app: typer.Typer) -> None:
    result = CliRunner().invoke(app, ["republish", "--since", "yesterday"])
    assert result.exit_code == 2
    assert "2026-03-01T08:00:00Z" in result.output
