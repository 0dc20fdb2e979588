"""Logs are one JSON object a line, carry the story's ids, and never a secret."""

import json
import logging
from collections.abc import Iterator
from uuid import uuid4

import pytest
import structlog

from drawbridge.contracts.envelope import Cause
from drawbridge.runtime import bound_cause, configure_logs, get_logger
from drawbridge.runtime.logs import mask_text


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level, config = root.handlers, root.level, structlog.get_config()
    yield
    root.handlers, root.level = handlers, level
    structlog.configure(**config)


def _line(capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    [line] = capsys.readouterr().err.splitlines()
    found: dict[str, object] = json.loads(line)
    return found


def test_line_is_json_with_the_ids_of_its_story(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("sample-service")
    cause = Cause("story", uuid4())
    with bound_cause(cause, vault_id="main"):
        get_logger("here").info("invoice.imported", number=7)
    line = _line(capsys)
    assert line | {"timestamp": ""} == {
        "event": "invoice.imported",
        "number": 7,
        "level": "info",
        "logger": "here",
        "service": "sample-service",
        "correlation_id": "story",
        "causation_id": str(cause.causation_id),
        "vault_id": "main",
        "timestamp": "",
    }


def test_secrets_are_masked_by_key_and_by_shape(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("sample-service")
    get_logger("here").info(
        "x.y",
        client_secret="hunter2",
        nested={"Authorization": "hunter2", "urls": ["amqp://me:hunter2@host/v"]},
        error=ValueError("postgresql://me:hunter2@host/d"),
        header="Bearer hunter2hunter2",
    )
    text = capsys.readouterr().err
    assert "hunter2" not in text
    assert "me:***@host" in text


def test_traceback_is_masked_too(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("sample-service")
    try:
        int("postgresql://me:hunter2@host/d")
    except ValueError:
        get_logger("here").exception("x.failed")
    text = capsys.readouterr().err
    assert "Traceback" in text
    assert "hunter2" not in text


def test_lines_of_libraries_have_the_same_form(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("sample-service")
    logging.getLogger("some.library").warning("lost %s", "amqp://me:hunter2@host/v")
    line = _line(capsys)
    assert (line["event"], line["level"], line["service"]) == (
        "lost amqp://me:***@host/v",
        "warning",
        "sample-service",
    )


def test_lines_below_the_level_are_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("sample-service", "WARNING")
    get_logger("here").info("x.y")
    assert capsys.readouterr().err == ""


def test_console_is_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("sample-service", style="console")
    get_logger("here").info("x.y", password="hunter2")
    text = capsys.readouterr().err
    assert "x.y" in text
    assert "hunter2" not in text


def test_text_without_secrets_stays_as_it_is() -> None:
    assert mask_text("see http://host:80/path and a@b.c") == "see http://host:80/path and a@b.c"
