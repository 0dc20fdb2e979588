"""Every rule that allows or forbids an action, as a table (product rules 2 to 5, and 11)."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from drawbridge.contracts import Refused
from drawbridge.contracts.actions import (
    Action,
    OpenInvoice,
    Policy,
    automated_action,
    import_action,
    process_action,
    refresh_action,
    reprocess_action,
    row_actions,
)
from drawbridge.contracts.invoice_actions import (
    delete_action,
    invoice_actions,
    reopen_action,
    withdraw_action,
)
from drawbridge.contracts.procore_invoices import Drift, DriftKind, ProcoreInvoice
from drawbridge.contracts.vaults import AcceptedStatus
from tests.factories.ap_invoices import blank_invoice, imported_invoice
from tests.factories.cloud import grid_row

OURS = UUID("018f3c6e-7a10-4c1e-9d52-3f0e5a7b9c11")
OTHER = UUID("018f3c6e-7a10-4c1e-9d52-3f0e5a7b9c12")
APPROVED: tuple[AcceptedStatus, ...] = ("approved",)
POLICY = Policy(APPROVED, "queue")
WIDE = Policy(("approved", "approved_as_noted", "pending_owner_approval"), "queue")
MANUAL = Policy(APPROVED, "none")
INACTIVE = Policy(APPROVED, "queue", active=False)
BLANK = OpenInvoice(OURS, blank=True)
FILLED = OpenInvoice(OTHER, blank=False)
IMPORTED: dict[str, Any] = {
    "import_state": "imported",
    "invoice_id": OURS,
    "invoice_status": "unprocessed",
}


def _drift(kind: DriftKind) -> Drift:
    return Drift(kind=kind, what=f"It is {kind}.", seen_at=datetime(2026, 3, 1, tzinfo=UTC))


def _row(**changes: Any) -> ProcoreInvoice:  # noqa: ANN401  # any member
    return grid_row(**changes)


@pytest.mark.parametrize(
    ("row", "policy", "open_invoice", "code"),
    [
        (_row(), POLICY, None, ""),
        (_row(), MANUAL, None, ""),
        (_row(), POLICY, BLANK, ""),
        (_row(), POLICY, FILLED, "open_invoice_not_blank"),
        (_row(import_state="in_queue"), POLICY, None, ""),
        (_row(import_state="error"), POLICY, None, ""),
        (_row(import_state="held", held_reason="withdrawn"), POLICY, None, ""),
        (_row(**IMPORTED), POLICY, None, "already_imported"),
        (_row(**IMPORTED), POLICY, OpenInvoice(OURS, blank=False), "already_tied"),
        (_row(**IMPORTED), POLICY, FILLED, "already_imported"),
        (_row(procore_status="draft"), POLICY, None, "status_not_accepted"),
        (_row(procore_status="approved_as_noted"), POLICY, None, "status_not_accepted"),
        (_row(procore_status="approved_as_noted"), WIDE, None, ""),
        (_row(procore_status="pending_owner_approval"), WIDE, None, ""),
        (_row(), INACTIVE, None, "vault_inactive"),
        (_row(drift=_drift("deleted")), POLICY, None, "deleted"),
        (_row(drift=_drift("invisible")), POLICY, None, "invisible"),
        (_row(drift=_drift("changed")), POLICY, None, ""),
    ],
)
def test_import(row: ProcoreInvoice, policy: Policy, open_invoice: OpenInvoice | None, code: str) -> None:
    _check(import_action(row, policy, open_invoice), code)


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (_row(), "not_imported"),
        (_row(**IMPORTED), ""),
        (_row(**IMPORTED, drift=_drift("changed")), ""),
        (_row(**IMPORTED, drift=_drift("unapproved")), ""),
        (_row(**IMPORTED, drift=_drift("deleted")), "deleted"),
        (_row(**IMPORTED, drift=_drift("invisible")), "invisible"),
        (_row(**(IMPORTED | {"invoice_status": "processed"})), "processed"),
    ],
)
def test_refresh(row: ProcoreInvoice, code: str) -> None:
    _check(refresh_action(row), code)


@pytest.mark.parametrize(
    ("row", "policy", "code"),
    [
        (_row(), POLICY, ""),
        (_row(), Policy(APPROVED, "invoice"), ""),
        (_row(import_state="error"), POLICY, ""),
        (_row(import_state="held", held_reason="withdrawn"), POLICY, ""),
        (_row(import_state="in_queue"), POLICY, "already_in_queue"),
        (_row(**IMPORTED), POLICY, "already_imported"),
        (_row(), MANUAL, "no_automated_import"),
        (_row(procore_status="draft"), POLICY, "status_not_accepted"),
        (_row(), INACTIVE, "vault_inactive"),
        (_row(drift=_drift("deleted")), POLICY, "deleted"),
    ],
)
def test_reprocess(row: ProcoreInvoice, policy: Policy, code: str) -> None:
    _check(reprocess_action(row, policy), code)


@pytest.mark.parametrize(
    ("policy", "code"), [(POLICY, ""), (MANUAL, "no_automated_import"), (INACTIVE, "vault_inactive")]
)
def test_automation_of_a_vault(policy: Policy, code: str) -> None:
    _check(automated_action(policy), code)


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (None, ""),
        ("changed", "drift_changed"),
        ("unapproved", "drift_unapproved"),
        ("deleted", "drift_deleted"),
    ],
)
def test_process_waits_for_drift_to_be_settled(kind: DriftKind | None, code: str) -> None:
    _check(process_action(imported_invoice(OURS), _drift(kind) if kind else None), code)


def test_process_needs_an_unprocessed_invoice_from_procore() -> None:
    _check(process_action(blank_invoice(OURS), None), "no_source")
    _check(process_action(imported_invoice(OURS, status="processed"), None), "processed")


def test_only_a_blank_invoice_can_be_filled() -> None:
    _check(invoice_actions(blank_invoice(OURS), None, paid=False).import_, "")
    _check(invoice_actions(blank_invoice(OURS), None, paid=False).refresh, "no_source")
    _check(invoice_actions(imported_invoice(OURS), _row(**IMPORTED), paid=False).import_, "not_blank")
    _check(invoice_actions(imported_invoice(OURS), _row(**IMPORTED), paid=False).process, "")


def test_a_row_has_an_answer_for_each_action() -> None:
    actions = row_actions(_row(), MANUAL)
    assert (actions.import_.allowed, actions.refresh.code, actions.reprocess.code) == (
        True,
        "not_imported",
        "no_automated_import",
    )


def test_requiring_a_forbidden_action_refuses_with_its_reason() -> None:
    with pytest.raises(Refused) as caught:
        reprocess_action(_row(), MANUAL).require()
    assert caught.value.problem.code == "no_automated_import"
    assert caught.value.problem.advice


def _check(action: Action, code: str) -> None:
    """Forbidden with this code and a sentence, or allowed where the code is empty."""
    assert action.code == code
    assert action.allowed == (code == "")
    assert bool(action.reason) == (code != "")


def test_what_was_processed_or_paid_is_taken_back_in_steps() -> None:
    open_one = imported_invoice(OURS)
    processed = open_one.model_copy(update={"status": "processed"})
    _check(withdraw_action(open_one, paid=False), "")
    _check(withdraw_action(open_one, paid=True), "payment_tied")
    _check(withdraw_action(processed, paid=False), "processed")
    _check(withdraw_action(blank_invoice(OURS), paid=False), "no_source")
    _check(reopen_action(processed, paid=False), "")
    _check(reopen_action(processed, paid=True), "payment_tied")
    _check(reopen_action(open_one, paid=False), "not_processed")
    _check(delete_action(open_one), "has_source")
    _check(delete_action(blank_invoice(OURS)), "")
