from pathlib import Path

import pytest

from drawbridge.testkit.servers import (
    GivenServer,
    Server,
    ServerError,
    ServersUnavailable,
    start_rabbitmq,
    start_servers,
)
from drawbridge.testkit.servers.given import AMQP_URL, MANAGEMENT_URL, POSTGRES_URL, RABBITMQ_PROGRAM
from drawbridge.testkit.servers.resolve import first_working


async def _missing() -> Server:
    raise ServerError("cellar: nothing there")


async def _here() -> Server:
    return GivenServer("amqp://here/", "attic")


async def test_the_first_source_that_works_is_taken() -> None:
    assert (await first_working("RabbitMQ", [_missing, _here], "")).origin == "attic"


async def test_where_no_source_works_the_error_lists_all_and_what_to_do() -> None:
    with pytest.raises(ServersUnavailable) as caught:
        await first_working("RabbitMQ", [_missing, _missing], "Install one.")
    assert str(caught.value).splitlines() == [
        "No RabbitMQ could be found or started. Tried:",
        "  - cellar: nothing there",
        "  - cellar: nothing there",
        "Install one.",
    ]


async def test_urls_in_the_environment_come_before_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(AMQP_URL, "amqp://given/")
    monkeypatch.setenv(MANAGEMENT_URL, "http://given")
    monkeypatch.setenv(POSTGRES_URL, "postgresql://given/")
    both = await start_servers()
    assert (both.amqp_url, both.management_url, both.postgres_url) == (
        "amqp://given/",
        "http://given",
        "postgresql://given/",
    )
    assert AMQP_URL in both.origin
    with pytest.raises(ServerError, match="not ours to stop"):
        await both.rabbitmq.restart()
    both.close()


async def test_an_engine_that_does_not_exist_is_named_in_the_reasons(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("drawbridge.testkit.servers.sources.installed_program", lambda: None)
    monkeypatch.setattr("drawbridge.testkit.servers.apt.os.geteuid", lambda: 1000)
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
    monkeypatch.delenv(AMQP_URL, raising=False)
    monkeypatch.delenv(RABBITMQ_PROGRAM, raising=False)
    monkeypatch.setenv(POSTGRES_URL, "postgresql://given/")
    with pytest.raises(ServersUnavailable) as caught:
        await start_servers()
    message = str(caught.value)
    for expected in (
        "environment:",
        "container engine:",
        "installed programs:",
        "apt-get:",
        f"Set {AMQP_URL}",
    ):
        assert expected in message


async def test_a_named_program_that_is_not_there_is_not_replaced_by_another_version(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv(AMQP_URL, raising=False)
    monkeypatch.setenv(RABBITMQ_PROGRAM, str(tmp_path / "rabbitmq-server"))
    with pytest.raises(ServersUnavailable, match="which is not there") as caught:
        await start_rabbitmq()
    assert "container engine:" not in str(caught.value)
