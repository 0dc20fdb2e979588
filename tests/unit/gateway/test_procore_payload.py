"""The payloads that Procore posts, in every version, and what only looks like one."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from drawbridge.gateway.domain.procore_payload import ProcoreEvent, read_payload

V2 = {
    "id": 77,
    "ulid": "01JNZ4Y3Q8G5R7T9V2X6B1C0DE",
    "timestamp": "2026-03-31T14:05:09Z",
    "metadata": {
        "source_user_id": 5,
        "source_project_id": 598134325599990,
        "source_operation_id": None,
        "source_company_id": 562949953421312,
        "source_application_id": "our-app",
    },
    "user_id": 5,
    "company_id": 562949953421312,
    "project_id": 598134325599990,
    "api_version": "v2.0",
    "event_type": "update",
    "resource_name": "Draw Requests",
    "resource_id": 598134325841112,
}
V4 = {
    "id": "01JNZ4Y3Q8G5R7T9V2X6B1C0DE",
    "timestamp": "2026-03-31T14:05:09Z",
    "reason": "update",
    "company_id": "562949953421312",
    "project_id": "598134325599990",
    "user_id": "5",
    "resource_type": "Draw Requests",
    "resource_id": "598134325841112",
}
READ = ProcoreEvent(
    id="01JNZ4Y3Q8G5R7T9V2X6B1C0DE",
    company_id=562949953421312,
    resource="Draw Requests",
    resource_id=598134325841112,
    project_id=598134325599990,
    reason="update",
    user_id=5,
    application_id=None,
    happened_at=datetime(2026, 3, 31, 14, 5, 9, tzinfo=UTC),
)


def read(payload: object) -> ProcoreEvent | None:
    return read_payload(json.dumps(payload).encode())


def test_version_4_has_strings_as_ids() -> None:
    assert read(V4) == READ
    assert read(V4 | {"data": {"anything": [1]}, "added_later": True}) == READ


@pytest.mark.parametrize("more", [{}, {"related_resources": [{"id": 3, "name": "Work Order Contracts"}]}])
def test_versions_2_and_3_have_numbers_as_ids_and_name_the_app(more: dict[str, Any]) -> None:
    event = read(V2 | more)
    assert event is not None
    assert event.application_id == "our-app"
    assert event == ProcoreEvent(
        **{**{n: getattr(READ, n) for n in READ.__slots__}, "application_id": "our-app"}
    )


def test_without_a_ulid_the_number_is_the_id() -> None:
    event = read({name: value for name, value in V2.items() if name != "ulid"})
    assert event is not None
    assert event.id == "77"


@pytest.mark.parametrize("missing", ["id", "company_id", "resource_type", "resource_id"])
def test_what_points_to_nothing_is_none(missing: str) -> None:
    assert read({name: value for name, value in V4.items() if name != missing}) is None


@pytest.mark.parametrize("member", ["project_id", "user_id", "timestamp", "reason"])
def test_the_other_members_may_be_absent_or_odd(member: str) -> None:
    odds: tuple[Any, ...] = (None, True, [], "", "x" * 300, "-4", 2**70)
    for odd in odds:
        event = read(V4 | {member: odd})
        assert event is not None
        assert event.resource_id == READ.resource_id


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"7", b"null", b"[" * 5000, b"\xff\xfe", b'"text"'])
def test_what_is_no_json_object_is_none(body: bytes) -> None:
    assert read_payload(body) is None
