"""`drawbridge doctor` on real servers: a late schema, a queue that nobody reads, a wrong queue."""

import asyncio

import aio_pika
import asyncpg
import pytest
from pydantic import SecretStr
from typer.testing import CliRunner

from drawbridge.cli.doctor.broker import look_at_broker
from drawbridge.cli.doctor.database import look_at_database
from drawbridge.cli.doctor.finding import Finding, clock
from drawbridge.cli.doctor.gateway import vault_findings
from drawbridge.cli.main import app
from drawbridge.contracts.topology import TOPOLOGY
from drawbridge.messaging import declare
from drawbridge.persistence import upgrade


def _by_name(findings: list[Finding]) -> dict[str, Finding]:
    return {each.what: each for each in findings}


async def test_queues_that_are_missing_different_or_unread_are_told_apart(amqp_vhost: str) -> None:
    connection = await aio_pika.connect(amqp_vhost)
    async with connection:
        channel = await connection.channel()
        await channel.declare_queue("gateway.events", durable=True)
        missing = _by_name(await look_at_broker(SecretStr(amqp_vhost)))
        await channel.queue_delete("gateway.events")
    assert missing["RabbitMQ"].state == "ok"
    assert missing["Queue gateway.events"].found == "it has other arguments"
    assert missing["Queue drawbridge.reprocess"].advice == "Run drawbridge topology declare."

    await declare(SecretStr(amqp_vhost), TOPOLOGY)
    unread = _by_name(await look_at_broker(SecretStr(amqp_vhost)))
    assert unread["Queue drawbridge.reprocess"].found == "nobody reads it; 0 messages wait"
    assert unread["Queue drawbridge.reprocess"].advice == "Start the worker of cloud-service."


async def test_a_schema_says_what_it_lacks_and_what_is_late(postgres_database: str) -> None:
    before = _by_name(await look_at_database(SecretStr(postgres_database)))
    assert before["Clock of PostgreSQL"].state == "ok"
    assert before["Schema cloud"].found == "is not migrated"

    admin = await asyncpg.connect(postgres_database)
    await admin.execute("CREATE SCHEMA cloud")
    await upgrade(SecretStr(postgres_database), "drawbridge.cloud_service")
    assert _by_name(await look_at_database(SecretStr(postgres_database)))["Schema cloud"].state == "ok"

    await admin.execute("""
        INSERT INTO cloud.outbox (id, aggregatetype, aggregateid, type, exchange, routing_key, payload,
                                  headers, created_at)
        VALUES (gen_random_uuid(), 'x', 'x', 'x', 'x', 'x', '', '{}', now() - interval '1 hour')
    """)
    await admin.close()
    late = _by_name(await look_at_database(SecretStr(postgres_database)))["Outbox of cloud"]
    assert (late.state, late.advice) == ("red", "See docs/runbooks.md, Outbox stuck.")


async def test_servers_that_are_away_are_one_finding_each_without_a_password(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("DRAWBRIDGE_SECRET_API_KEY", raising=False)
    arguments = [
        "--amqp-url",
        "amqp://a:hunter2@127.0.0.1:9/",
        "--database-url",
        "postgresql://a:hunter2@127.0.0.1:9/x",
    ]
    done = await asyncio.to_thread(CliRunner().invoke, app, ["doctor", *arguments])
    assert done.exit_code == 1
    assert "hunter2" not in done.output
    assert "DRAWBRIDGE_SECRET_API_KEY" in done.output.replace("\n", "")


def test_a_reference_that_leads_nowhere_is_shown_with_the_service_that_found_it() -> None:
    problem = {"code": "secret_reference", "message": "DRAWBRIDGE_SECRET_X is not set.", "advice": "Set it."}
    vault = {
        "id": "main",
        "settings": {"active": True},
        "problems": [{"service": "import-service", "problems": [problem]}],
        "payments_flow": {"status": "ok", "reason": ""},
    }
    [broken, silent] = vault_findings([vault])
    assert (broken.state, broken.found) == ("red", "import-service: DRAWBRIDGE_SECRET_X is not set.")
    assert silent.found == "only 1 of 3 services have taken over its settings"


@pytest.mark.parametrize(("ahead", "state"), [(0.4, "ok"), (-0.4, "ok"), (30.0, "red"), (-30.0, "red")])
def test_clocks_must_agree(ahead: float, state: str) -> None:
    assert clock("Clock", ahead).state == state
