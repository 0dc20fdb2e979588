import pytest

from drawbridge.contracts.procore_changes import FollowChange
from drawbridge.import_service.domain.changes import concern_of, invoice_resource, is_own


@pytest.mark.parametrize(
    ("resource", "concern"),
    [
        ("Draw Requests", "invoice"),
        ("draw_request", "invoice"),
        ("Billings::Requisition", "invoice"),
        ("Subcontractor Invoices", "invoice"),
        ("Projects", "project"),
        ("Contract Payments", None),
        ("Payment Applications", None),
        ("", None),
    ],
)
def test_resources_are_known_however_they_are_spelled(resource: str, concern: str | None) -> None:
    assert concern_of(resource) == concern


def test_the_name_for_invoices_is_found_among_what_is_offered_and_none_is_required() -> None:
    assert invoice_resource(["Contract Payments", "Draw Requests"]) == "Draw Requests"
    assert invoice_resource(["Contract Payments"]) is None


def _change(**members: object) -> FollowChange:
    known = {"vault_id": "main", "event_id": "1", "resource": "Draw Requests", "resource_id": 7}
    return FollowChange.model_validate(known | members)


def test_our_own_changes_are_known_by_the_app_or_else_by_its_user() -> None:
    assert is_own(_change(application_id="ours", user_id=5), None, "ours")
    assert is_own(_change(user_id=5), 5, "ours")
    assert not is_own(_change(application_id="theirs", user_id=5), 5, "ours")
    assert not is_own(_change(user_id=6), 5, "ours")
    assert not is_own(_change(user_id=None), None, "ours")
