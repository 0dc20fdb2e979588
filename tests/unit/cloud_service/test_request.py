"""How import-service's answers change a request."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from drawbridge.cloud_service.domain.asking import asking_action, target_of
from drawbridge.cloud_service.domain.outcome import ImportEvent, applied, outcome_of
from drawbridge.cloud_service.domain.request import ATTEMPTS_KEPT, Request
from drawbridge.contracts import Cause, Envelope
from drawbridge.contracts.procore_invoices import ImportState
from drawbridge.contracts.requests import Attempt, RequestStatus
from tests.factories.cloud import BIG, grid_row, postponement, refusal, row_state, vault_settings

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
COMMAND = uuid4()


def _request() -> Request:
    request = Request(
        id=uuid4(),
        message_id=uuid4(),
        vault_id="main",
        project_id=2,
        requisition_id=BIG,
        how="reprocess",
        received_from="gateway",
        requested_by="kim",
        received_at=NOON,
        cause=Cause("story"),
    )
    return request.sent(COMMAND)


def _after(request: Request, event: ImportEvent, minutes: int = 1) -> Request:
    time = NOON + timedelta(minutes=minutes)
    envelope = Envelope(uuid4(), event.TYPE, "import-service", event.subject(), time, "story", COMMAND)
    outcome = outcome_of(event, envelope)
    return applied(request, outcome) if outcome else request


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("imported", "done"),
        ("in_queue", "done"),
        ("error", "failed"),
        ("held", "refused"),
        ("not_imported", "sent"),
    ],
)
def test_the_row_says_how_the_request_ends(state: ImportState, status: RequestStatus) -> None:
    after = _after(_request(), row_state(import_state=state))
    assert after.status == status
    assert after.finished == (status != "sent")
    assert bool(after.problem) == (status in ("failed", "refused"))


def test_a_refusal_ends_the_request_with_its_reason() -> None:
    after = _after(_request(), refusal(COMMAND))
    assert (after.status, after.problem and after.problem.code) == ("refused", "status_not_accepted")
    assert after.finished_at == NOON + timedelta(minutes=1)


def test_the_first_end_counts() -> None:
    done = _after(_request(), row_state(import_state="imported"))
    assert _after(done, refusal(COMMAND)) == done


def test_attempts_are_kept_in_order_however_they_arrive() -> None:
    after = _after(_request(), postponement(COMMAND, 2), minutes=4)
    after = _after(after, postponement(COMMAND, 1), minutes=2)
    after = _after(after, row_state(import_state="imported"), minutes=5)
    assert [attempt.number for attempt in after.attempts] == [1, 2]
    assert _after(after, postponement(COMMAND, 2), minutes=4) == after


def test_waits_before_one_attempt_take_one_place_and_the_history_is_bounded() -> None:
    request = _request()
    for minute in range(3 * ATTEMPTS_KEPT):
        request = request.tried(Attempt(number=minute // 2, at=NOON + timedelta(minutes=minute)))
    assert len(request.attempts) == ATTEMPTS_KEPT
    assert request.attempts[-1].number == (3 * ATTEMPTS_KEPT - 1) // 2


def test_what_is_known_to_be_done_is_refused_and_the_rest_left_to_import_service() -> None:
    settings = vault_settings("queue")
    assert asking_action(None, settings).allowed
    assert asking_action(grid_row(procore_status="draft"), settings).allowed
    assert asking_action(grid_row(import_state="held"), settings).allowed
    assert asking_action(grid_row(import_state="in_queue"), settings).code == "already_in_queue"
    assert asking_action(grid_row(import_state="imported"), settings).code == "already_imported"
    assert asking_action(None, vault_settings("none")).code == "no_automated_import"
    assert asking_action(None, vault_settings("queue", active=False)).code == "vault_inactive"


def test_the_behavior_decides_what_an_import_makes() -> None:
    assert target_of(vault_settings("queue")) == "queue"
    assert target_of(vault_settings("invoice")) == "invoice"
