"""The command line."""

from typer.testing import CliRunner

from drawbridge.sandbox.main import app

runner = CliRunner()


def test_help_teaches_both_commands() -> None:
    for command, words in (("procore", "subcontractor invoices"), ("clerk", "Sage 100 Contractor")):
        answer = runner.invoke(app, [command, "--help"])
        assert answer.exit_code == 0
        assert words in " ".join(answer.output.split())


def test_client_without_a_secret_is_refused_with_advice() -> None:
    answer = runner.invoke(app, ["procore", "--client", "only-an-id"])
    assert answer.exit_code == 2
    assert "ID:SECRET" in answer.output


def test_clerk_needs_its_urls() -> None:
    answer = runner.invoke(
        app, ["clerk"], env={"DRAWBRIDGE_SECRET_LEDGER_URL": "", "DRAWBRIDGE_SECRET_AMQP_URL": ""}
    )
    assert answer.exit_code == 2
    assert "--ledger-url" in answer.output
