"""A row goes from the database to the caller as JSON: it is what the models would have made of it."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from drawbridge.contracts import Problem
from drawbridge.contracts.actions import OpenInvoice, Policy, row_actions
from drawbridge.contracts.payments import PaymentState
from drawbridge.contracts.procore_invoices import Drift, ProcoreInvoice, QueueDocument, Vendor
from drawbridge.gateway.domain.page_actions import PageActions
from drawbridge.gateway.entrypoints.http.rows import ProcoreInvoiceView, members_of
from drawbridge.gateway.store.grid import GridItem
from drawbridge.gateway.usecases.show_grid import ShownRow
from tests.factories.gateway import grid_row

OPEN, OTHER = UUID(int=1), UUID(int=2)
APPROVED = Policy(("approved", "approved_as_noted"), "none")
MOMENT = datetime(2026, 3, 1, 8, 30, 0, 120, tzinfo=UTC)
_texts = st.sampled_from(["", "A-1", "\u00c9toile \u2028", 'say "no"', "\x7f\\"])
_amounts = st.decimals(min_value=-(10**9), max_value=10**9, places=4)
_moments = st.none() | st.just(MOMENT)
_problems = st.none() | st.just(Problem(code="unreadable", message="Line 2.", advice="Mend it."))
_drifts = st.none() | st.builds(
    Drift,
    kind=st.sampled_from(["changed", "unapproved", "deleted", "invisible"]),
    what=st.sampled_from(["It is gone.", "Its net changed."]),
    seen_at=st.just(MOMENT),
)
_rows = st.builds(
    grid_row,
    project_name=_texts,
    vendor=st.builds(Vendor, name=_texts, ledger_code=st.none() | _texts),
    number=st.none() | st.integers(1, 99),
    invoice_number=st.none() | _texts,
    billing_date=st.none() | st.dates(),
    net_due=st.none() | _amounts,
    retainage=st.none() | _amounts | st.just(Decimal("1E+3")),
    procore_status=st.sampled_from(["approved", "draft", "pending_owner_approval"]),
    procore_created_at=_moments,
    import_state=st.sampled_from(["not_imported", "in_queue", "imported", "error", "held"]),
    problem=_problems,
    drift=_drifts,
    queue_document=st.none() | st.builds(QueueDocument, fetched_at=st.just(MOMENT), content_hash=_texts),
    invoice_id=st.sampled_from([None, OPEN, OTHER]),
    invoice_status=st.sampled_from([None, "unprocessed", "processed"]),
    imported_at=_moments,
)
_policies = st.builds(
    Policy,
    accepted_statuses=st.sampled_from([("approved",), ("approved", "pending_owner_approval")]),
    automated_import=st.sampled_from(["none", "queue", "invoice"]),
    active=st.booleans(),
)
_opened = st.none() | st.builds(
    OpenInvoice, id=st.sampled_from([OPEN, UUID(int=3)]), blank=st.booleans(), status=st.just("unprocessed")
)


def _kept(row: ProcoreInvoice) -> dict[str, Any]:
    """The row as it is stored, in the order in which PostgreSQL keeps members."""
    members = json.loads(json.dumps(row.model_dump(mode="json")))
    return {name: members[name] for name in sorted(members, key=lambda name: (len(name), name))}


def _shown(row: dict[str, Any], actions: PageActions, paid: PaymentState | None = None) -> ShownRow:
    return ShownRow(GridItem(row, paid, MOMENT.date()), actions.of(row))


@settings(max_examples=60, deadline=None)
@given(row=_rows, policy=_policies, open_invoice=_opened, paid=st.sampled_from([None, "paid", "unpaid"]))
def test_what_is_sent_is_what_the_model_writes(
    row: ProcoreInvoice, policy: Policy, open_invoice: OpenInvoice | None, paid: PaymentState | None
) -> None:
    sent = orjson.loads(orjson.dumps(members_of(_shown(_kept(row), PageActions(policy, open_invoice), paid))))
    view = ProcoreInvoiceView.model_validate(
        row.model_dump()
        | {
            "error": row.problem if row.import_state == "error" else None,
            "payment_state": paid,
            "actions": row_actions(row, policy, open_invoice),
        }
    )
    assert sent == json.loads(view.model_dump_json(by_alias=True))


@settings(max_examples=40, deadline=None)
@given(rows=st.lists(_rows, min_size=2, max_size=12), policy=_policies, open_invoice=_opened)
def test_rows_that_share_an_answer_would_each_get_the_same(
    rows: list[ProcoreInvoice], policy: Policy, open_invoice: OpenInvoice | None
) -> None:
    page = PageActions(policy, open_invoice)
    for row in rows:
        decided = row_actions(row, policy, open_invoice)
        assert page.of(_kept(row)) == decided.model_dump(mode="json", by_alias=True)


def test_a_row_of_an_older_version_has_the_defaults_and_one_of_a_later_shows_no_more() -> None:
    actions = PageActions(APPROVED, None)
    kept = _kept(grid_row())
    usual = members_of(_shown(kept, actions))
    assert set(usual) == set(ProcoreInvoiceView.model_fields)
    older = {name: value for name, value in kept.items() if name not in ("currency", "drift", "retryable")}
    assert members_of(_shown(older, actions)) == usual
    assert members_of(_shown(kept | {"thought_of_later": 1}, actions)) == usual
