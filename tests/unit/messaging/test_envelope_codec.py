"""The envelope survives the wire, and what is not one is said to be none."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from drawbridge.contracts.envelope import Envelope
from drawbridge.contracts.errors import Unprocessable
from drawbridge.messaging import Properties, RawMessage, decode_envelope, read_envelope
from drawbridge.messaging.envelope_codec import headers_of, properties_of
from tests.factories.core import QUEUE, Noted

ENVELOPE = Envelope(
    id=uuid4(),
    type=Noted.TYPE,
    source="sample-service",
    subject="note/main/a",
    time=datetime(2026, 5, 4, 12, 0, 0, 123456, tzinfo=UTC),
    correlation_id="story",
    causation_id=uuid4(),
    traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
)


def _raw(envelope: Envelope, body: bytes = b'{"text": "a"}') -> RawMessage:
    return RawMessage(body, headers_of(envelope), properties_of(envelope), "x", "k", QUEUE)


def test_envelope_comes_back_as_it_was_with_microseconds() -> None:
    assert read_envelope(_raw(ENVELOPE)) == ENVELOPE


def test_raw_message_comes_back_from_json() -> None:
    raw = _raw(ENVELOPE, b"\x00\xff")
    assert RawMessage.from_json(raw.to_json()) == raw


def test_message_is_decoded_and_unknown_members_are_ignored() -> None:
    received = decode_envelope(_raw(ENVELOPE, b'{"text": "a", "later": 1}'))
    assert received.message == Noted(text="a")
    assert received.key == f"{QUEUE}/{ENVELOPE.id}"
    assert (received.cause.correlation_id, received.cause.causation_id) == ("story", ENVELOPE.id)


@pytest.mark.parametrize(
    ("properties", "body", "code"),
    [
        (Properties(), b"{}", "no_envelope"),
        (Properties(message_id="7", type=Noted.TYPE), b"{}", "no_envelope"),
        (Properties(message_id=str(uuid4())), b"{}", "no_envelope"),
        (Properties(message_id=str(uuid4()), type="unknown"), b"{}", "unknown_type"),
        (Properties(message_id=str(uuid4()), type=Noted.TYPE), b"", "invalid_message"),
        (Properties(message_id=str(uuid4()), type=Noted.TYPE), b'{"text": 5}', "invalid_message"),
    ],
)
def test_what_cannot_be_read_is_unprocessable(properties: Properties, body: bytes, code: str) -> None:
    with pytest.raises(Unprocessable) as caught:
        decode_envelope(RawMessage(body, {}, properties, "x", "k", QUEUE))
    assert caught.value.problem.code == code


def test_problem_of_a_bad_body_names_members_but_not_their_values() -> None:
    raw = _raw(ENVELOPE, b'{"text": ["hunter2"]}')
    with pytest.raises(Unprocessable) as caught:
        decode_envelope(raw)
    assert "text: Input should be a valid string" in caught.value.problem.message
    assert "hunter2" not in caught.value.problem.message


def test_missing_parts_have_sensible_stand_ins() -> None:
    message_id = uuid4()
    raw = RawMessage(
        b"",
        {"ce-time": "soon", "causation-id": "x"},
        Properties(message_id=str(message_id), type="t"),
        "",
        "",
        QUEUE,
    )
    read = read_envelope(raw)
    assert (read.correlation_id, read.source, read.causation_id) == (str(message_id), "unknown", None)
    assert read.time.tzinfo is not None
