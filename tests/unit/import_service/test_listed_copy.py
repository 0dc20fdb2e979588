"""The copy of a list is enough to say yes to bulk work, and never to say no."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from drawbridge.contracts.actions import Policy
from drawbridge.contracts.errors import Problem
from drawbridge.contracts.values import How
from drawbridge.contracts.vaults import AcceptedStatus
from drawbridge.import_service.domain.listed_copy import LIFE, copy_is_enough
from tests.factories.requisitions import requisition, row_of

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
ACCEPTED: tuple[AcceptedStatus, ...] = ("approved",)
POLICY = Policy(ACCEPTED, "invoice")


def _enough(how: How = "automated", age: timedelta = timedelta(minutes=5), **row: Any) -> bool:  # noqa: ANN401  # any member
    found = requisition(status="approved")
    raw = row.pop("raw", found.raw)
    return copy_is_enough(row_of(found, **row), raw, how, POLICY, seen_at=NOW - age, now=NOW)


@pytest.mark.parametrize("how", ["automated", "reprocess"])
def test_bulk_work_needs_no_call_for_an_invoice_that_was_listed(how: How) -> None:
    assert _enough(how)


def test_a_persons_click_always_looks_at_procore() -> None:
    assert not _enough("manual")


def test_an_old_look_is_not_enough() -> None:
    assert not _enough(age=LIFE)


def test_a_list_without_lines_is_not_enough() -> None:
    assert not _enough(raw={"id": 1, "items": None})
    assert not _enough(raw=None)


def test_a_no_is_never_said_from_memory() -> None:
    assert not _enough(procore_status="under_review")
    assert not _enough(import_state="held", held_reason="before go-live")
    assert not _enough(import_state="error", problem=Problem(code="unreadable", message="No number."))
