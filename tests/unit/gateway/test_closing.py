"""Which event moves which operation, and how."""

from uuid import UUID, uuid4

import pytest

from drawbridge.contracts import Message, Problem
from drawbridge.gateway.domain.closing import Step, step
from tests.factories.gateway import (
    DAWN,
    allocation,
    imported,
    invoice_payments,
    job_state,
    project_state,
    refusal,
    request_state,
    row_state,
    told,
)

CAUSE = uuid4()


def _step(event: Message, cause: UUID | None = CAUSE) -> Step | None:
    received = told(event, cause)
    return step(received.envelope, received.message)


def test_a_payments_state_ends_what_a_person_decided_about_it() -> None:
    state = allocation()
    found = _step(state)
    assert found is not None
    assert ("untie_payment" in found.kinds, "run_job" in found.kinds) == (True, False)
    assert (found.status, found.result) == (
        "done",
        {"allocation_id": str(state.id), "write_state": "written"},
    )


@pytest.mark.parametrize(
    "event",
    [invoice_payments(uuid4()), job_state(), request_state(uuid4())],
    ids=lambda event: event.TYPE,
)
def test_other_events_end_nothing(event: Message) -> None:
    assert _step(event) is None


@pytest.mark.parametrize("event", [row_state(), imported(), project_state()], ids=lambda event: event.TYPE)
def test_what_nobody_asked_for_ends_nothing(event: Message) -> None:
    assert _step(event, None) is None


def test_a_row_ends_an_import_but_never_a_re_read() -> None:
    found = _step(row_state(import_state="in_queue"))
    assert found is not None
    assert found.status == "done"
    assert "import_invoice" in found.kinds
    assert "sync_project" not in found.kinds


def test_an_import_names_the_ap_invoice_and_the_row() -> None:
    state = imported()
    found = _step(state)
    assert found is not None
    assert found.result == {
        "invoice_id": str(state.invoice.id),
        "invoice_status": "unprocessed",
        "requisition_id": state.row.requisition_id if state.row else None,
        "import_state": "imported",
    }


def test_a_row_in_error_fails_with_its_problem() -> None:
    problem = Problem(code="unreadable", message="No amount.")
    found = _step(row_state(import_state="error", problem=problem))
    assert found is not None
    assert (found.status, found.problem) == ("failed", problem)


def test_a_project_waits_fails_or_is_done() -> None:
    problem = Problem(code="procore_refused", message="No access.")
    cases = {
        "waiting": project_state(waiting={"reason": "procore_limit", "until": DAWN}),
        "failed": project_state(problem=problem),
        "done": project_state(),
    }
    for status, state in cases.items():
        found = _step(state)
        assert found is not None
        assert (found.status, found.kinds) == (status, ("sync_project",))


def test_a_refusal_goes_by_the_commands_id_whatever_caused_it() -> None:
    command_id = uuid4()
    found = _step(refusal(command_id), None)
    assert found is not None
    assert (found.id, found.status) == (command_id, "refused")
