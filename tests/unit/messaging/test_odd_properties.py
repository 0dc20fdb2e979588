"""A message with unreadable properties arrives all the same, with a mark that parks it."""

import struct

import pytest
from pamqp.commands import Basic
from pamqp.header import ContentHeader

from drawbridge.contracts.errors import Unprocessable
from drawbridge.messaging import Properties, RawMessage, check_readable
from drawbridge.messaging.odd_properties import UNREADABLE, install

CONTENT_TYPE, HEADERS, TIMESTAMP = 1 << 15, 1 << 13, 1 << 6
BODY_SIZE = 5


@pytest.fixture(autouse=True)
def _installed() -> None:
    install()
    install()


def _read(flags: int, properties: bytes) -> Basic.Properties:
    header = ContentHeader()
    header.unmarshal(struct.pack(">HHQH", Basic.frame_id, 0, BODY_SIZE, flags) + properties)
    assert header.body_size == BODY_SIZE, "the body is read all the same"
    return header.properties


def _table(members: bytes) -> bytes:
    return struct.pack(">I", len(members)) + members


def _nested(depth: int) -> bytes:
    table = _table(b"")
    for _ in range(depth):
        table = _table(b"\x01aF" + table)
    return table


@pytest.mark.parametrize(
    ("flags", "properties", "reason"),
    [
        (TIMESTAMP, struct.pack(">Q", 1_700_000_000_000_000_000), "out of range"),
        (CONTENT_TYPE, b"\x02\xff\xfe", "UnicodeDecodeError"),
        (HEADERS, _table(b"\x01\xffS" + _table(b"text")), "UnicodeDecodeError"),
        (HEADERS, _nested(5_000), "RecursionError"),
        (HEADERS, _table(b"\x01aZ"), "Unknown type"),
        (HEADERS, b"\xff\xff\xff\xff", "exceeds"),
    ],
)
def test_what_cannot_be_read_is_marked_with_its_reason(flags: int, properties: bytes, reason: str) -> None:
    headers = _read(flags, properties).headers
    assert headers is not None
    assert reason in str(headers[UNREADABLE])


def test_what_came_before_it_is_kept() -> None:
    table = _table(b"\x01aS" + _table(b"text"))
    read = _read(CONTENT_TYPE | HEADERS | TIMESTAMP, b"\x01j" + table + b"\xff" * 8)
    assert read.content_type == "j"
    assert read.headers is not None
    assert read.headers["a"] == "text"


def test_what_can_be_read_has_no_mark() -> None:
    read = _read(CONTENT_TYPE | TIMESTAMP, b"\x01j" + struct.pack(">Q", 1_700_000_000))
    assert (read.content_type, read.headers) == ("j", None)


def test_a_broken_frame_is_still_an_error() -> None:
    with pytest.raises(struct.error):
        ContentHeader().unmarshal(b"\x00")


def test_a_marked_message_is_refused_with_advice() -> None:
    raw = RawMessage(b"{}", {}, Properties(), "", "", "queue", unreadable="ValueError: year is out of range")
    with pytest.raises(Unprocessable, match="year is out of range") as caught:
        check_readable(raw)
    assert caught.value.problem.code == "unreadable_properties"
    assert caught.value.problem.advice
