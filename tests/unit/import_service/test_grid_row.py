"""The life of a row of the grid."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from drawbridge.contracts.errors import Problem
from drawbridge.contracts.procore_invoices import ProcoreInvoice, QueueDocument, Vendor
from drawbridge.contracts.vaults import VaultSettings
from drawbridge.import_service.domain.grid_row import Seen, failed, gone, queued, see
from drawbridge.procore import Requisition
from tests.factories.imports import vault_settings
from tests.factories.requisitions import requisition, row_of, seen_of

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
EARLIER = NOW - timedelta(days=3)


def _settings(**changes: Any) -> VaultSettings:  # noqa: ANN401  # any member
    return vault_settings(1, **changes)


def _see(old: ProcoreInvoice | None, found: Requisition, **settings: Any) -> ProcoreInvoice:  # noqa: ANN401  # any member
    return see(old, seen_of(found), _settings(**settings), NOW)


def _imported(found: Requisition) -> tuple[ProcoreInvoice, str]:
    """A row tied to an AP invoice, and the hash that it was made from."""
    row = row_of(
        found,
        import_state="imported",
        invoice_id=uuid4(),
        invoice_status="unprocessed",
        importable_since=EARLIER,
    )
    return row, row.content_hash


def test_an_approved_invoice_is_importable_from_when_it_was_first_seen() -> None:
    row = _see(None, requisition())
    assert (row.import_state, row.importable_since) == ("not_imported", NOW)


def test_seeing_the_same_again_changes_nothing() -> None:
    row = row_of(requisition(), importable_since=EARLIER)
    assert _see(row, requisition()) == row


def test_an_answer_without_lines_is_no_change_of_content() -> None:
    row, imported_hash = _imported(requisition())
    look = seen_of(requisition(items=None, status="approved", invoice_number="new"))
    again = see(row, look, _settings(), NOW, imported_hash)
    assert again == row.model_copy(update={"invoice_number": "new"})


def test_a_draft_is_not_importable_and_approval_starts_the_time() -> None:
    draft = _see(None, requisition(status="draft"))
    assert draft.importable_since is None
    assert _see(draft, requisition()).importable_since == NOW


def test_an_accepted_status_that_the_vault_adds_becomes_importable_now() -> None:
    row = _see(None, requisition(status="approved_as_noted"))
    assert row.importable_since is None
    accepted = ("approved", "approved_as_noted")
    again = _see(row, requisition(status="approved_as_noted"), accepted_statuses=accepted)
    assert again.importable_since == NOW


def test_an_invoice_before_go_live_is_held_until_the_date_moves() -> None:
    found = requisition(billing_date="2026-01-31")
    held = _see(None, found, import_from=date(2026, 2, 1))
    assert (held.import_state, held.held_reason) == ("held", "before go-live")
    free = _see(held, found, import_from=date(2026, 1, 31))
    assert (free.import_state, free.held_reason) == ("not_imported", None)


def test_without_a_billing_date_creation_counts_in_the_vaults_time_zone() -> None:
    found = requisition(billing_date=None, created_at="2026-02-01T04:00:00Z")
    go_live = date(2026, 2, 1)
    assert _see(None, found, import_from=go_live).import_state == "not_imported"
    denver = _see(None, found, import_from=go_live, time_zone="America/Denver")
    assert denver.import_state == "held"


@pytest.mark.parametrize("mark", [{"erp_status": "synced"}, {"origin_id": "X-1"}])
def test_an_invoice_of_another_connector_is_held(mark: dict[str, Any]) -> None:
    row = _see(None, requisition(**mark))
    assert (row.import_state, row.held_reason) == ("held", "exported by another connector")


def test_a_row_that_a_person_holds_stays_held() -> None:
    row = row_of(requisition(), import_state="held", held_reason="withdrawn")
    assert _see(row, requisition()).held_reason == "withdrawn"


def test_a_change_after_import_is_drift_that_tells_the_amounts() -> None:
    row, imported_hash = _imported(requisition())
    changed = requisition(summary={"current_payment_due": "1.00"})
    seen = see(row, seen_of(changed), _settings(), NOW, imported_hash)
    assert seen.drift is not None
    assert seen.drift.kind == "changed"
    assert seen.drift.what == f"Net due changed in Procore from {row.net_due:f} USD to 1.00 USD."
    later = see(seen, seen_of(changed), _settings(), NOW + timedelta(hours=1), imported_hash)
    assert later == seen
    back = see(seen, seen_of(requisition()), _settings(), NOW, imported_hash)
    assert back.drift is None


def test_unapproval_after_import_is_drift() -> None:
    row, imported_hash = _imported(requisition())
    seen = see(row, seen_of(requisition(status="draft")), _settings(), NOW, imported_hash)
    assert seen.drift is not None
    assert (seen.drift.kind, seen.import_state) == ("unapproved", "imported")
    assert "'draft'" in seen.drift.what


def test_an_acknowledged_change_stays_settled_after_processing_until_the_next_change() -> None:
    row, imported_hash = _imported(requisition())
    changed = requisition(summary={"current_payment_due": "1.00"})
    drifted = see(row, seen_of(changed), _settings(), NOW, imported_hash)
    processed = drifted.model_copy(update={"invoice_status": "processed", "drift": None})
    assert see(processed, seen_of(changed), _settings(), NOW, imported_hash).drift is None
    more = requisition(summary={"current_payment_due": "2.00"})
    again = see(processed, seen_of(more), _settings(), NOW, imported_hash)
    assert again.drift is not None


@pytest.mark.parametrize(("visible", "kind"), [(True, "deleted"), (False, "invisible")])
def test_absence_is_deletion_only_where_the_commitment_is_visible(visible: bool, kind: str) -> None:  # noqa: FBT001  # a parameter
    row = row_of(requisition())
    absent = gone(row, NOW, commitment_visible=visible)
    assert absent.drift is not None
    assert absent.drift.kind == kind
    assert gone(absent, NOW + timedelta(hours=1), commitment_visible=visible) == absent
    assert _see(absent, requisition()).drift is None


def test_a_failure_never_undoes_what_is_queued_or_imported() -> None:
    problem = Problem(code="x", message="No.")
    row, _ = _imported(requisition())
    assert failed(row, problem, retryable=True) == row
    document = QueueDocument(id=uuid4(), fetched_at=NOW, content_hash="h")
    waiting = queued(row_of(requisition()), document)
    assert failed(waiting, problem, retryable=True) == waiting


def test_queueing_clears_an_error() -> None:
    wrong = failed(row_of(requisition()), Problem(code="x", message="No."), retryable=True)
    assert (wrong.import_state, wrong.retryable) == ("error", True)
    waiting = queued(wrong, QueueDocument(id=uuid4(), fetched_at=NOW, content_hash="h"))
    assert (waiting.import_state, waiting.problem, waiting.retryable) == ("in_queue", None, False)


def test_unreadable_amounts_do_not_hide_a_row() -> None:
    seen: Seen = seen_of(requisition(summary={"current_payment_due": "#REF!"}))
    assert seen.net_due is None
    assert seen.retainage is not None


def test_drift_names_each_member_that_changed() -> None:
    row, imported_hash = _imported(requisition())
    changed = requisition(invoice_number="B-2", billing_date="2026-04-30")
    look = replace(seen_of(changed), vendor=Vendor(id=10, name="Other Concrete"))
    seen = see(row, look, _settings(), NOW, imported_hash)
    assert seen.drift is not None
    for name in ("Invoice number", "Billing date", "Vendor"):
        assert f"{name} changed in Procore from " in seen.drift.what
    assert "to B-2." in seen.drift.what
    assert "Net due" not in seen.drift.what


def test_a_change_that_the_row_does_not_show_is_named_in_general() -> None:
    row, imported_hash = _imported(requisition())
    changed = seen_of(requisition())
    seen = see(row, replace(changed, content_hash="other"), _settings(), NOW, imported_hash)
    assert seen.drift is not None
    assert seen.drift.what == "The invoice was changed in Procore after it was imported."
