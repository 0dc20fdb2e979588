"""What counts as a change of a Procore invoice."""

from typing import Any

import pytest

from drawbridge.import_service.domain.content_hash import content_hash
from drawbridge.procore import Requisition
from tests.factories.requisitions import raw_requisition, requisition


def _hash_with_item(**changes: Any) -> str:  # noqa: ANN401  # any member
    raw = raw_requisition()
    raw["items"][0] |= changes
    return content_hash(Requisition.read(raw))


@pytest.mark.parametrize(
    "changes",
    [
        {"updated_at": "2099-01-01T00:00:00Z"},
        {"status": "draft"},
        {"action_policy": None},
        {"deletable": False},
        {"payment_date": "2099-01-01"},
        {"erp_status": "synced"},
    ],
)
def test_what_is_no_content_does_not_count(changes: dict[str, Any]) -> None:
    assert content_hash(requisition(**changes)) == content_hash(requisition())


@pytest.mark.parametrize("due", ["0100.50", "100.5", "100.5000"])
def test_one_amount_written_otherwise_does_not_count(due: str) -> None:
    plain = content_hash(requisition(summary={"current_payment_due": "100.50"}))
    assert content_hash(requisition(summary={"current_payment_due": due})) == plain


def test_the_order_in_which_lines_are_sent_does_not_count() -> None:
    raw = raw_requisition()
    assert len(raw["items"]) > 1
    raw["items"].reverse()
    assert content_hash(Requisition.read(raw)) == content_hash(requisition())


@pytest.mark.parametrize(
    "changes",
    [
        {"invoice_number": "other"},
        {"billing_date": "2099-01-01"},
        {"summary": {"current_payment_due": "1.00"}},
        {"summary": {"current_payment_due": "#REF!"}},
        {"vendor_id": 1},
        {"attachments": []},
    ],
)
def test_content_counts(changes: dict[str, Any]) -> None:
    assert content_hash(requisition(**changes)) != content_hash(requisition())


def test_a_changed_line_counts() -> None:
    assert _hash_with_item(description_of_work="Other") != _hash_with_item()
    assert _hash_with_item(net_amount="1.00") != _hash_with_item()


def test_leading_zeros_of_an_invoice_number_count() -> None:
    numbers = [content_hash(requisition(invoice_number=number)) for number in ("007", "7")]
    assert numbers[0] != numbers[1]
