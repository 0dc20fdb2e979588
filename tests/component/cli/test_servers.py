"""`drawbridge topology declare` and `drawbridge database provision` against real servers."""

import asyncio

import asyncpg
import pytest
from typer.testing import CliRunner, Result

from drawbridge.cli.main import app
from drawbridge.messaging import publish
from drawbridge.testkit.isolation import unique_name, with_path
from drawbridge.testkit.servers import Server

PASSWORDS = ("GATEWAY", "IMPORTS", "CLOUD", "PAYMENTS")


async def _run(*arguments: str) -> Result:
    """A command starts an event loop of its own, hence the thread."""
    return await asyncio.to_thread(CliRunner().invoke, app, list(arguments))


async def test_the_declared_topology_takes_messages_for_outside_consumers(
    amqp_vhost: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DRAWBRIDGE_SECRET_AMQP_URL", amqp_vhost)
    for _ in range(2):
        result = await _run("topology", "declare", "--outside", "clerk=drawbridge.invoice.processed.v1")
        assert result.exit_code == 0, result.stderr
    assert "outside.clerk" in result.stdout
    await publish(amqp_vhost, "", "outside.clerk", b"{}")


async def test_an_unknown_event_for_an_outside_consumer_is_refused(amqp_vhost: str) -> None:
    result = await _run("topology", "declare", "--amqp-url", amqp_vhost, "--outside", "clerk=drawbridge.x.v1")
    assert result.exit_code == 1
    assert result.stderr.startswith("--outside clerk=drawbridge.x.v1: drawbridge.x.v1 is no event.")


async def test_a_broker_that_is_away_is_one_sentence_without_the_password(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DRAWBRIDGE_SECRET_AMQP_URL", "amqp://guest:hunter2@127.0.0.1:1/")
    result = await _run("topology", "declare")
    assert result.exit_code == 1
    assert "DRAWBRIDGE_SECRET_AMQP_URL" in result.stderr
    assert "hunter2" not in result.stderr


async def test_provision_makes_roles_that_can_log_in(
    postgres_server: Server, postgres_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DRAWBRIDGE_SECRET_ADMIN_DATABASE_URL", postgres_server.url)
    for name in PASSWORDS:  # roles belong to the whole server: other tests log in with these passwords
        monkeypatch.setenv(f"DRAWBRIDGE_SECRET_{name}_PASSWORD", name.lower())
    database = postgres_database.rpartition("/")[2]
    result = await _run("database", "provision", "--database", database)
    assert result.exit_code == 0, result.stderr
    connection = await asyncpg.connect(with_path(postgres_database, database))
    try:
        owners = await connection.fetch(
            "SELECT nspname, nspowner::regrole::text AS owner FROM pg_namespace WHERE nspname = ANY($1)",
            [name.lower() for name in PASSWORDS],
        )
    finally:
        await connection.close()
    assert {row["nspname"]: row["owner"] for row in owners} == {
        name.lower(): name.lower() for name in PASSWORDS
    }


async def test_provision_without_a_password_names_the_variable(
    postgres_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DRAWBRIDGE_SECRET_ADMIN_DATABASE_URL", postgres_database)
    for name in PASSWORDS:
        monkeypatch.delenv(f"DRAWBRIDGE_SECRET_{name}_PASSWORD", raising=False)
    result = await _run("database", "provision", "--database", unique_name("never"))
    assert result.exit_code == 1
    assert result.stderr == (
        "DRAWBRIDGE_SECRET_GATEWAY_PASSWORD is not set: set it to the password of the role gateway.\n"
    )
