"""The AsyncAPI document says what the code says, and what was sent fits it."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from jsonschema import Draft7Validator, FormatChecker
from typer.testing import CliRunner

from drawbridge.cli.commands.contracts import asyncapi_text
from drawbridge.cli.main import app
from drawbridge.contracts import Problem
from drawbridge.contracts.asyncapi import make_document
from drawbridge.contracts.asyncapi.envelope import ENVELOPE, PARKED_HEADERS
from drawbridge.contracts.envelope import Envelope
from drawbridge.contracts.parties import PUBLIC_MESSAGES, SENDERS, SERVICES, reader_of
from drawbridge.contracts.requests import ReprocessRequested
from drawbridge.contracts.topology import TOPOLOGY
from drawbridge.messaging.envelope_codec import headers_of, properties_of
from drawbridge.persistence import Properties, RawMessage, parked
from drawbridge.persistence.parking import PARKED_HEADERS as NAMES_OF_PARKED_HEADERS
from tests.contract.messages.sampling import SAMPLES, contract_messages
from tests.factories.compose import ROOT

DOCUMENT = make_document()
ID = UUID("018f3c6e-7a10-4c1e-9d52-3f0e5a7b9c11")
NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)


def _validator(schema: dict[str, Any]) -> Draft7Validator:
    whole = schema | {"components": DOCUMENT["components"]}
    return Draft7Validator(whole, format_checker=FormatChecker())


def test_the_file_is_up_to_date() -> None:
    page = ROOT / "docs" / "asyncapi.yaml"
    assert page.read_text(encoding="utf-8") == asyncapi_text(), "Run: drawbridge contracts asyncapi"


def test_check_tells_of_a_file_that_is_missing_old_or_up_to_date(tmp_path: Path) -> None:
    file = tmp_path / "asyncapi.yaml"

    def run(*more: str) -> tuple[int, str]:
        result = CliRunner().invoke(app, ["contracts", "asyncapi", "--file", str(file), *more])
        return result.exit_code, result.output

    assert run("--check")[0] == 1
    assert not file.exists()
    assert run()[0] == 0
    assert run("--check")[0] == 0
    file.write_text(f"{asyncapi_text()}x-other: 1\n", encoding="utf-8")
    code, output = run("--check")
    assert code == 1
    assert "is not up to date" in output


def test_every_message_has_a_sender_and_every_queue_a_reader() -> None:
    assert {model.TYPE for model in SENDERS} == set(contract_messages())
    assert all(SENDERS.values())
    assert {reader_of(queue) for queue in TOPOLOGY.queues} == set(SERVICES)


def test_every_message_is_sent_and_read_by_somebody() -> None:
    ends: dict[str, set[str]] = {"send": set(), "receive": set()}
    for operation in DOCUMENT["operations"].values():
        ends[operation["action"]] |= {each["$ref"].rpartition("/")[2] for each in operation["messages"]}
    assert ends["send"] == ends["receive"] == set(DOCUMENT["components"]["messages"])


def test_public_messages_say_so() -> None:
    tagged = {
        name
        for name, message in DOCUMENT["components"]["messages"].items()
        if any(tag["name"] == "public" for tag in message.get("tags", []))
    }
    assert tagged & set(contract_messages()) == {model.TYPE for model in PUBLIC_MESSAGES}
    said = {model for model in SENDERS if (model.__doc__ or "").startswith("Public:")}
    assert said == set(PUBLIC_MESSAGES)


@pytest.mark.parametrize("sample", sorted(SAMPLES.glob("*.json")), ids=lambda sample: sample.stem)
def test_all_that_was_ever_sent_fits_its_schema(sample: Path) -> None:
    message = DOCUMENT["components"]["messages"][sample.stem.partition("+")[0]]
    _validator(message["payload"]).validate(json.loads(sample.read_bytes()))


@pytest.mark.parametrize(
    "wrong", [{"vault_id": "Main Office"}, {"requisition_id": 0}, {"requisition_id": 2**63}]
)
def test_a_wrong_request_does_not_fit(wrong: dict[str, Any]) -> None:
    message = DOCUMENT["components"]["messages"]["reprocess.bare-json"]
    request = message["examples"][0]["payload"]
    assert _validator(message["payload"]).is_valid(request)
    assert not _validator(message["payload"]).is_valid(request | wrong)


def test_every_example_fits_its_schema() -> None:
    messages = DOCUMENT["components"]["messages"].values()
    examples = [(each["payload"], example) for each in messages for example in each.get("examples", [])]
    assert len(examples) == 3
    for payload, example in examples:
        _validator(payload).validate(example["payload"])


def test_the_envelope_is_the_one_that_we_send() -> None:
    envelope = Envelope(
        id=ID,
        type=ReprocessRequested.TYPE,
        source="gateway",
        subject="requisition/main/5",
        time=NOW,
        correlation_id="story",
        causation_id=ID,
        traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    )
    headers = headers_of(envelope)
    assert set(headers) == set(ENVELOPE["headers"]["properties"])
    _validator(ENVELOPE["headers"]).validate(headers)
    sent = set(properties_of(envelope).to_json())
    assert sent | {"delivery_mode"} == set(ENVELOPE["x-amqp-properties"])


def test_the_headers_of_a_parked_message_are_the_documented_ones() -> None:
    raw = RawMessage(b"?", {}, Properties(), "drawbridge.public", "reprocess", "drawbridge.reprocess")
    headers = parked(raw, Problem(code="not_json", message="No."), NOW).headers
    assert set(headers) == set(PARKED_HEADERS["properties"]) == NAMES_OF_PARKED_HEADERS
    _validator(PARKED_HEADERS).validate(headers)
