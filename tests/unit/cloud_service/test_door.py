"""The public door reads every documented form, and gives a reason for everything else."""

import json
from base64 import b64encode
from contextlib import suppress
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drawbridge.cloud_service.domain.body import MAX_BODY
from drawbridge.cloud_service.domain.door import Delivery, Knock, read_knock
from drawbridge.contracts import Unprocessable
from drawbridge.contracts.requests import ReprocessRequested

ASK = {"vault_id": "main", "project_id": 2, "requisition_id": 598134325841112}
ID = "018f3c6e-7a10-4c1e-9d52-3f0e5a7b9c11"
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
BINARY = {"ce-specversion": "1.0", "ce-id": ID, "ce-source": "erp", "ce-type": ReprocessRequested.TYPE}


def _knock(body: object = ASK, headers: dict[str, object] | None = None, **properties: str) -> Knock:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return read_knock(Delivery(raw, headers or {}, **properties))


def _structured(**attributes: object) -> dict[str, object]:
    event = {"specversion": "1.0", "id": ID, "source": "erp", "type": ReprocessRequested.TYPE, "data": ASK}
    return event | attributes


def test_bare_json_without_any_property_is_a_request_of_its_own() -> None:
    knock = _knock()
    assert knock.message.requisition_id == 598134325841112
    assert (knock.key, knock.id, knock.received_from) == (None, None, "outside")


def test_bare_json_is_known_by_its_vault_and_message_id() -> None:
    knock = _knock(message_id=ID, app_id="billing", correlation_id="story")
    assert (knock.key, knock.id) == (f"vault/main/{ID}", UUID(ID))
    assert (knock.received_from, knock.correlation_id) == ("billing", "story")


def test_the_request_id_goes_before_the_message_id_and_need_not_be_a_uuid() -> None:
    knock = _knock(ASK | {"request_id": "april/7"}, message_id=ID)
    assert knock.key == "vault/main/april%2F7"
    assert knock.id == _knock(ASK | {"request_id": "april/7"}).id != UUID(ID)
    assert knock.correlation_id == "april/7"


@pytest.mark.parametrize("prefix", ["ce-", "cloudEvents:", "cloudEvents_"])
def test_cloudevents_binary_mode(prefix: str) -> None:
    headers: dict[str, object] = {
        name.replace("ce-", prefix): value for name, value in (BINARY | {"ce-traceparent": TRACE}).items()
    }
    knock = _knock(headers=headers)
    assert (knock.key, knock.id, knock.received_from) == (f"source/erp/{ID}", UUID(ID), "erp")
    assert knock.traceparent == TRACE


def test_our_own_envelope_is_binary_mode_with_amqp_properties() -> None:
    headers: dict[str, object] = {"ce-specversion": "1.0", "ce-subject": "requisition/main/5"}
    knock = _knock(headers=headers, message_id=ID, app_id="gateway", type=ReprocessRequested.TYPE)
    assert (knock.key, knock.id, knock.received_from) == (f"source/gateway/{ID}", UUID(ID), "gateway")


@pytest.mark.parametrize(
    "event",
    [_structured(), {k: v for k, v in _structured().items() if k != "data"} | {"data_base64": "…"}],
    ids=["data", "data_base64"],
)
def test_cloudevents_structured_mode(event: dict[str, object]) -> None:
    if "data_base64" in event:
        event["data_base64"] = b64encode(json.dumps(ASK).encode()).decode()
    knock = _knock(event, content_type="application/cloudevents+json; charset=utf-8")
    assert (knock.key, knock.message.vault_id) == (f"source/erp/{ID}", "main")


def test_two_sources_may_use_one_id() -> None:
    keys = {_knock(headers={**BINARY, "ce-source": source}).key for source in ("a", "b", "a/b")}
    assert len(keys) == 3


def test_ids_may_be_digits_in_a_string_and_members_may_be_added() -> None:
    knock = _knock(ASK | {"requisition_id": "598134325841112", "note": {"any": "thing"}})
    assert knock.message.requisition_id == 598134325841112


def test_a_byte_order_mark_is_no_reason_to_refuse() -> None:
    assert _knock(b"\xef\xbb\xbf" + json.dumps(ASK).encode()).message.vault_id == "main"


def test_a_trace_of_another_form_is_left_out() -> None:
    assert _knock(headers={"traceparent": "rubbish"}).traceparent is None


STRUCTURED = {"content_type": "application/cloudevents+json"}


@pytest.mark.parametrize(
    ("code", "body", "headers", "properties"),
    [
        ("too_large", b" " * (MAX_BODY + 1), {}, {}),
        ("not_json", b"", {}, {}),
        ("not_json", b"\xff\xfe", {}, {}),
        ("not_json", b'{"vault_id": NaN}', {}, {}),
        ("not_json", b'{"vault_id": "\\ud800"}', {}, {}),
        ("not_json", b"9" * 5000, {}, {}),
        ("too_deep", b"[" * 100_000, {}, {}),
        ("too_deep", b'{"a":' * 50_000, {}, {}),
        ("not_an_object", [ASK], {}, {}),
        ("not_an_object", None, {}, {}),
        ("wrong_members", {}, {}, {}),
        ("wrong_members", ASK | {"vault_id": "Main Office"}, {}, {}),
        ("wrong_members", ASK | {"vault_id": 7}, {}, {}),
        ("wrong_members", ASK | {"requisition_id": "twelve"}, {}, {}),
        ("wrong_members", ASK | {"requisition_id": True}, {}, {}),
        ("wrong_members", ASK | {"requisition_id": 1.5}, {}, {}),
        ("wrong_members", ASK | {"requisition_id": 0}, {}, {}),
        ("wrong_members", ASK | {"requisition_id": 2**63}, {}, {}),
        ("wrong_members", ASK | {"project_id": None}, {}, {}),
        ("wrong_members", ASK | {"request_id": "x" * 201}, {}, {}),
        ("bad_id", ASK | {"request_id": "a\x00b"}, {}, {}),
        ("bad_id", ASK | {"requested_by": "kim\nlee"}, {}, {}),
        ("bad_id", ASK, {}, {"message_id": "a\x00"}),
        ("bad_id", ASK, BINARY | {"ce-source": "x" * 256}, {}),
        ("unknown_type", ASK, {}, {"type": "drawbridge.reprocess.requested.v2"}),
        ("unknown_type", ASK, BINARY | {"ce-type": "invoice.paid"}, {}),
        ("unknown_type", ASK, {"ce-specversion": "1.0"}, {}),
        ("spec_version", ASK, BINARY | {"ce-specversion": "0.3"}, {}),
        ("spec_version", {"data": ASK}, {}, STRUCTURED),
        ("bad_data", {"specversion": "1.0"}, {}, STRUCTURED),
        ("bad_data", _structured() | {"data_base64": "%%%"}, {}, STRUCTURED),
        ("not_an_object", _structured(data="text"), {}, STRUCTURED),
        ("batch", [], {}, {"content_type": "application/cloudevents-batch+json"}),
    ],
)
def test_what_cannot_be_read_is_parked_with_its_reason(
    code: str, body: object, headers: dict[str, object], properties: dict[str, str]
) -> None:
    if code == "bad_data" and isinstance(body, dict) and "data_base64" in body:
        del body["data"]
    with pytest.raises(Unprocessable) as caught:
        _knock(body, headers, **properties)
    assert caught.value.problem.code == code
    assert caught.value.problem.advice


@given(st.binary(max_size=200), st.sampled_from(["", *STRUCTURED.values()]))
def test_no_bytes_whatever_break_the_door(body: bytes, content_type: str) -> None:
    with suppress(Unprocessable):
        assert read_knock(Delivery(body, {}, content_type=content_type)).message.vault_id


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=8,
)


@given(st.fixed_dictionaries(dict.fromkeys(ASK, _JSON)))
def test_no_values_whatever_break_the_door(body: dict[str, object]) -> None:
    with suppress(Unprocessable):
        assert _knock(body).message.requisition_id > 0
