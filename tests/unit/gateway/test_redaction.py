"""What people see of a parked message: no secret, no endless text, and always something storable."""

import json
from time import perf_counter

import pytest

from drawbridge.gateway.domain.redaction import LONGEST_TEXT, preview, storable
from drawbridge.persistence import JSON


@pytest.mark.parametrize(
    "body",
    [
        b'{"client_secret": "hunter2"}',
        b'{"deep": [{"Authorization": "Bearer hunter2hunter2"}]}',
        b'{"api-key": ["hunter2"]}',
        b'{"note": "amqp://guest:hunter2@host/"}',
        b'{"note": "token=hunter2&x=1"}',
        b'broken {"password": "hunter2"',
        b"Authorization: Basic hunter2hunter2",
    ],
)
def test_secrets_are_masked_by_key_and_by_shape(body: bytes) -> None:
    shown = json.dumps(preview(body))
    assert "hunter2" not in shown
    assert "***" in shown


def test_plain_facts_stay() -> None:
    body = b'{"requisition_id": 598134325841112, "ok": true, "none": null, "amount": "9.50"}'
    assert preview(body) == {"requisition_id": 598134325841112, "ok": True, "none": None, "amount": "9.50"}


def test_long_text_is_cut_quickly_and_says_how_long_it_was() -> None:
    started = perf_counter()
    shown = preview(json.dumps("x" * 500_000).encode())
    assert perf_counter() - started < 2
    assert isinstance(shown, str)
    assert shown.endswith("(500000 characters)")
    assert len(shown) < LONGEST_TEXT + 50


def test_endless_nesting_is_cut_or_shown_as_text() -> None:
    assert isinstance(preview(b"[" * 100_000), str)
    assert "…" in json.dumps(preview(b"[" * 50 + b"]" * 50), ensure_ascii=False)


@pytest.mark.parametrize("body", [b'"a\\u0000b"', b'"\\ud800"', b"NaN", b"-Infinity", b"\x00", b"\xff"])
def test_every_preview_is_json_that_postgresql_takes(body: bytes) -> None:
    shown = json.dumps(preview(body), allow_nan=False)
    assert "\\u0000" not in shown
    assert "\\ud8" not in shown


def test_headers_keep_their_shape() -> None:
    headers: JSON = {"a": 1, "b": [None, True, 1.5, "x\x00"], "c": {"d": float("nan")}}
    assert storable(headers) == {"a": 1, "b": [None, True, 1.5, "x\ufffd"], "c": {"d": "nan"}}
