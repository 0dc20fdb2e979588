"""When automation imports by itself, and when it leaves an invoice alone (product rule 12)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from drawbridge.cloud_service.domain.automation import marker_of, wants_import, wants_retry
from drawbridge.contracts.procore_invoices import Drift
from tests.factories.cloud import DAWN, grid_row, vault_settings

GONE = Drift(kind="deleted", what="It is gone.", seen_at=datetime(2026, 3, 2, tzinfo=UTC))


@pytest.mark.parametrize(
    ("wanted", "row", "settings"),
    [
        (True, {}, {}),
        (True, {}, {"automated_import": "queue"}),
        (True, {"importable_since": DAWN}, {}),
        (False, {}, {"automated_import": "none"}),
        (False, {}, {"active": False}),
        (False, {"importable_since": DAWN - timedelta(seconds=1)}, {}),
        (False, {"importable_since": None}, {}),
        (False, {"procore_status": "draft"}, {}),
        (True, {"procore_status": "approved_as_noted"}, {"accepted_statuses": ("approved_as_noted",)}),
        (False, {"import_state": "held", "held_reason": "withdrawn"}, {}),
        (False, {"import_state": "in_queue"}, {}),
        (False, {"import_state": "imported"}, {}),
        (False, {"drift": GONE}, {}),
        (False, {"import_state": "error"}, {}),
    ],
)
def test_what_automation_wants_when_nothing_was_tried(
    wanted: bool,  # noqa: FBT001  # a table of cases
    row: dict[str, Any],
    settings: dict[str, Any],
) -> None:
    assert wants_import(grid_row(**row), vault_settings(**settings), None) is wanted


@pytest.mark.parametrize("state", ["not_imported", "error"])
def test_one_content_is_tried_once_and_a_changed_one_again(state: str) -> None:
    row = grid_row(import_state=state)
    assert not wants_import(row, vault_settings(), marker_of(row))
    assert wants_import(row.model_copy(update={"content_hash": "c2"}), vault_settings(), marker_of(row))


def test_an_invoice_that_is_approved_once_more_is_tried_once_more() -> None:
    row = grid_row()
    again = row.model_copy(update={"importable_since": DAWN + timedelta(days=1)})
    assert wants_import(again, vault_settings(), marker_of(row))


@pytest.mark.parametrize(
    ("wanted", "row"),
    [
        (True, {"import_state": "error", "retryable": True}),
        (False, {"import_state": "error", "retryable": False}),
        (False, {"import_state": "imported", "retryable": True}),
        (False, {"import_state": "error", "retryable": True, "importable_since": DAWN - timedelta(days=1)}),
    ],
)
def test_an_error_that_may_pass_is_tried_again_later(
    wanted: bool,  # noqa: FBT001  # a table of cases
    row: dict[str, Any],
) -> None:
    assert wants_retry(grid_row(**row), vault_settings()) is wanted
