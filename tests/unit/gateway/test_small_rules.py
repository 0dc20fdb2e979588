"""The grid's range, payments flow, cursors, reconciliation, headers and parked messages."""

from datetime import UTC, date, datetime

import pytest

from drawbridge.contracts.vaults import VaultChoices
from drawbridge.gateway.domain.cursors import pack, unpack
from drawbridge.gateway.domain.parked_message import read_parked
from drawbridge.gateway.domain.past_days import first_day
from drawbridge.gateway.domain.payments_flow import payments_flow
from drawbridge.gateway.domain.refusals import Invalid
from drawbridge.gateway.domain.vault_rules import in_force
from drawbridge.gateway.entrypoints.http.asking import condition
from drawbridge.gateway.entrypoints.intake import decode_anything
from drawbridge.persistence import JSON, Properties, RawMessage
from tests.factories.gateway import choices, job_state

LATE = datetime(2026, 3, 2, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    ("time_zone", "past_days", "first"),
    [
        ("UTC", 1, date(2026, 3, 2)),
        ("America/Denver", 1, date(2026, 3, 1)),
        ("Pacific/Kiritimati", 1, date(2026, 3, 2)),
        ("America/Denver", 30, date(2026, 1, 31)),
        ("UTC", 10**7, date.min),
    ],
)
def test_past_days_end_today_in_the_vaults_time_zone(time_zone: str, past_days: int, first: date) -> None:
    assert first_day(LATE, time_zone, past_days) == first


@pytest.mark.parametrize(
    ("settings", "job", "status"),
    [
        ({}, {}, "off"),
        ({"check_backfill": {"enabled": True}}, {"status": "failing"}, "ok"),
        ({"payment_retrieval": {"enabled": True}}, {"status": "failing"}, "failing"),
        ({"payment_retrieval": {"enabled": True}}, {"status": "ok"}, "ok"),
        ({"payment_retrieval": {"enabled": True}, "active": False}, {"status": "ok"}, "off"),
    ],
)
def test_payments_flow_goes_by_the_enabled_jobs(
    settings: dict[str, object], job: dict[str, object], status: str
) -> None:
    in_use = in_force(VaultChoices.model_validate(choices(**settings)), None, LATE)
    flow = payments_flow(in_use, [job_state(**job)])
    assert flow.status == status
    assert bool(flow.reason) == (status != "ok")


def test_a_cursor_comes_back_as_it_went() -> None:
    assert unpack(pack(["2026-03-01", 598134325841112]), str, int) == ["2026-03-01", 598134325841112]


@pytest.mark.parametrize(
    "cursor", ["", "x", "é", "AAAA", pack([1]), pack(["a", "b"]), pack([True, 1]), "W" * 500]
)
def test_a_cursor_from_elsewhere_is_refused(cursor: str) -> None:
    with pytest.raises(Invalid, match="not from this list"):
        unpack(cursor, str, int)


@pytest.mark.parametrize(
    ("header", "version"),
    [(None, None), ("", None), ("*", None), ('"7"', 7), ('W/"1099511627777"', 1099511627777)],
)
async def test_if_match_is_the_version_in_our_etag(header: str | None, version: int | None) -> None:
    read = await condition(header)
    assert (read.version, read.given) == (version, bool(header))


@pytest.mark.parametrize("header", ["7", '"x"', '"1", "2"', " "])
async def test_any_other_if_match_is_refused(header: str) -> None:
    with pytest.raises(Invalid):
        await condition(header)


def _raw(body: bytes = b"{}", **headers: JSON) -> RawMessage:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return RawMessage(body, named, Properties(message_id="m1"), "", "", "drawbridge.parked")


def test_our_own_headers_say_why_a_message_is_parked() -> None:
    parked = read_parked(_raw(drawbridge_queue="q", drawbridge_code="c", drawbridge_reason="Why."))
    assert (parked.queue, parked.problem.code, parked.problem.message) == ("q", "c", "Why.")


@pytest.mark.parametrize("odd", [None, 5, ["x"], {"x": 1}, ""])
def test_odd_headers_never_fail(odd: JSON) -> None:
    parked = read_parked(_raw(drawbridge_queue=odd, drawbridge_died_in=odd, drawbridge_died_of=odd))
    assert (parked.queue, parked.problem.code) == ("", "unknown")


def test_a_parking_has_one_key_and_the_next_parking_another() -> None:
    first = decode_anything(_raw(drawbridge_parked_at="1", x_other=1)).key
    assert decode_anything(_raw(drawbridge_parked_at="1", x_other=2)).key == first
    assert decode_anything(_raw(drawbridge_parked_at="2")).key != first
    assert decode_anything(_raw(b"[]", drawbridge_parked_at="1")).key != first
    died = decode_anything(_raw(drawbridge_died_in="q", drawbridge_died_at="1")).key
    assert decode_anything(_raw(drawbridge_died_in="q", drawbridge_died_at="2")).key != died
