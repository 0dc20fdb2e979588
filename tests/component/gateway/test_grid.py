"""The grid: range, filters, pages, actions with their reasons."""

import csv
from datetime import date, timedelta
from io import StringIO
from uuid import uuid4

from drawbridge.contracts import Problem
from drawbridge.contracts.procore_invoices import Commitment, Drift, Vendor
from drawbridge.gateway.domain.cursors import pack
from drawbridge.gateway.entrypoints.http.procore_invoices import GridPage
from drawbridge.runtime import utc_now
from tests.factories.gateway import (
    DAWN,
    PROJECT,
    REQUISITION,
    VAULT,
    Door,
    choices,
    imported,
    invoice_payments,
    project_state,
    row_state,
)


async def _ids(door: Door, **params: object) -> list[int]:
    page = await door.get("/procore-invoices", **params)
    return [row["requisition_id"] for row in page["items"]]


async def _paged(door: Door, **params: object) -> list[int]:
    """All ids, page by page."""
    seen: list[int] = []
    cursor: dict[str, str] = {}
    while True:
        page = await door.get("/procore-invoices", **params, **cursor)
        seen += [row["requisition_id"] for row in page["items"]]
        if page["next_cursor"] is None:
            return seen
        cursor = {"cursor": page["next_cursor"]}


async def test_past_days_counts_on_the_billing_date_and_today(door: Door) -> None:
    today = utc_now().date()
    days = {1: today, 2: today - timedelta(days=6), 3: today - timedelta(days=7)}
    await door.tell(*(row_state(requisition_id=number, billing_date=day) for number, day in days.items()))
    assert await _ids(door, past_days=7) == [1, 2]
    assert await _ids(door, past_days=1) == [1]
    assert await _ids(door, range="all") == [1, 2, 3]


async def test_without_billing_date_the_creation_counts_in_the_vaults_time_zone(door: Door) -> None:
    await door.client.put(f"/v1/vaults/{VAULT}", json=choices(time_zone="Pacific/Honolulu"))
    early = DAWN.replace(hour=1)
    await door.tell(
        row_state(requisition_id=1, billing_date=None, procore_created_at=early),
        row_state(requisition_id=2, billing_date=early.date() - timedelta(days=1)),
        row_state(requisition_id=3, billing_date=early.date()),
    )
    assert await _ids(door, range="all") == [3, 2, 1]


async def test_rows_in_error_or_with_drift_show_whatever_the_range_is(door: Door) -> None:
    old = date(2020, 1, 1)
    problem = Problem(code="unreadable", message="Line 2 has no amount.", advice="Correct it.")
    drift = Drift(kind="deleted", what="It is gone.", seen_at=DAWN)
    await door.tell(
        row_state(requisition_id=1, billing_date=old),
        row_state(requisition_id=2, billing_date=old, import_state="error", problem=problem),
        row_state(requisition_id=3, billing_date=old, drift=drift),
    )
    assert await _ids(door, past_days=1) == [3, 2]
    assert await _ids(door, range="all", drift=True) == [3]
    (row,) = (await door.get("/procore-invoices", state="error"))["items"]
    assert row["error"] == {"code": "unreadable", "message": "Line 2 has no amount.", "advice": "Correct it."}


async def test_every_action_says_whether_and_why_not(door: Door) -> None:
    await door.tell(row_state(procore_status="draft"))
    row = await door.get(f"/procore-invoices/{REQUISITION}")
    assert set(row["actions"]) == {"import", "refresh", "reprocess"}
    for action in row["actions"].values():
        assert action["allowed"] is False
        assert action["reason"]
    assert row["actions"]["import"]["code"] == "status_not_accepted"


async def test_the_open_invoice_decides_whether_import_is_already_tied(door: Door) -> None:
    state = imported()
    await door.tell(state)
    (row,) = (await door.get("/procore-invoices", range="all", open_invoice_id=state.invoice.id))["items"]
    assert row["actions"]["import"]["code"] == "already_tied"
    (row,) = (await door.get("/procore-invoices", range="all"))["items"]
    assert row["actions"]["import"]["code"] == "already_imported"
    assert row["actions"]["refresh"]["allowed"] is True


async def test_pages_follow_each_other_without_gap_or_repeat(door: Door) -> None:
    await door.tell(*(row_state(requisition_id=number) for number in range(1, 8)))
    seen: list[int] = []
    cursor: str | None = None
    while True:
        params = {"cursor": cursor} if cursor else {}
        page = await door.get("/procore-invoices", range="all", limit=3, **params)
        seen += [row["requisition_id"] for row in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == list(range(7, 0, -1))


async def test_a_page_links_to_the_next_and_a_foreign_cursor_is_refused(door: Door) -> None:
    await door.tell(row_state(requisition_id=1), row_state(requisition_id=2))
    path = f"/v1/vaults/{VAULT}/procore-invoices?range=all&limit=1"
    link = (await door.client.get(path)).headers["Link"]
    follow = await door.client.get(link.partition("<")[2].partition(">")[0])
    assert [row["requisition_id"] for row in follow.json()["items"]] == [1]
    packed: list[list[str | int]] = [
        ["billing_date", "desc", "x", 1],
        ["billing_date", "desc", "2026-03-01", 2**63],
        ["vendor"],
    ]
    for cursor in ("rubbish", "WzFd", "WyIyMDI2LTAzLTAxIiwieCJd", *map(pack, packed)):
        refused = await door.client.get(f"{path}&cursor={cursor}")
        assert (refused.status_code, refused.json()["code"]) == (422, "bad_cursor")


async def test_a_search_finds_what_begins_so_on_any_day_and_means_itself(door: Door) -> None:
    await door.tell(
        row_state(requisition_id=1, invoice_number="A-10", billing_date=date(2020, 1, 1)),
        row_state(requisition_id=2, invoice_number="A-1", vendor=Vendor(name="Zeta \u00c9toile")),
        row_state(requisition_id=3, invoice_number="50%_OFF", commitment=Commitment(id=9, number="A-11")),
    )
    assert await _ids(door, q="A-1") == [2, 1, 3]
    assert await _ids(door, q="acme") == [3, 1]
    assert await _ids(door, q="zeta \u00e9") == [2]
    assert await _ids(door, q="50%") == [3]
    assert await _ids(door, q="%_o") == []
    assert await _ids(door, q="a-1", project_id=1) == []


async def test_a_search_of_one_or_two_characters_is_refused(door: Door) -> None:
    answer = await door.client.get(f"/v1/vaults/{VAULT}/procore-invoices", params={"q": " a1 "})
    assert (answer.status_code, answer.json()["code"]) == (422, "search_too_short")


async def test_every_sort_pages_in_both_directions_without_gap_or_repeat(door: Door) -> None:
    states = [
        row_state(
            requisition_id=number,
            billing_date=date(2026, 3, 1 + number % 3),
            procore_updated_at=DAWN + timedelta(hours=number % 4) if number % 5 else None,
            vendor=Vendor(name=f"vendor {number % 3}"),
            net_due=str(100 * (number % 4)) if number % 5 else None,
        )
        for number in range(1, 13)
    ]
    await door.tell(*states)
    for sort in ("billing_date", "updated_at", "vendor", "net_due"):
        whole = await _ids(door, range="all", sort=sort, order="asc")
        assert sorted(whole) == list(range(1, 13))
        assert await _ids(door, range="all", sort=sort, order="desc") == whole[::-1]
        for order, expected in (("asc", whole), ("desc", whole[::-1])):
            assert await _paged(door, range="all", sort=sort, order=order, limit=5) == expected
    unknown = {number for number in range(1, 13) if number % 5 == 0}
    assert set((await _ids(door, range="all", sort="net_due"))[-2:]) == unknown


async def test_a_range_pages_over_its_beginning_into_what_needs_attention(door: Door) -> None:
    today, old = utc_now().date(), date(2020, 1, 1)
    problem = Problem(code="unreadable", message="No.")
    await door.tell(
        *(row_state(requisition_id=number, billing_date=today) for number in (1, 2, 3)),
        *(row_state(requisition_id=number, billing_date=old) for number in (4, 5)),
        *(
            row_state(requisition_id=number, billing_date=old, import_state="error", problem=problem)
            for number in (6, 7, 8)
        ),
    )
    assert await _paged(door, past_days=7, limit=2) == [3, 2, 1, 8, 7, 6]
    assert await _paged(door, past_days=7, limit=2, sort="vendor") == [1, 2, 3, 6, 7, 8]


async def test_a_cursor_of_another_order_is_refused(door: Door) -> None:
    await door.tell(row_state(requisition_id=1), row_state(requisition_id=2))
    cursor = (await door.get("/procore-invoices", range="all", limit=1))["next_cursor"]
    path = f"/v1/vaults/{VAULT}/procore-invoices"
    for params in ({"sort": "vendor"}, {"order": "asc"}):
        answer = await door.client.get(path, params={"cursor": cursor, "range": "all", **params})
        assert (answer.status_code, answer.json()["code"]) == (422, "bad_cursor")


async def test_another_time_zone_moves_the_days_of_rows_without_a_billing_date(door: Door) -> None:
    early = DAWN.replace(hour=1)
    await door.tell(
        row_state(requisition_id=1, billing_date=None, procore_created_at=early),
        row_state(requisition_id=2, billing_date=early.date()),
        row_state(requisition_id=3, billing_date=early.date() - timedelta(days=1)),
    )
    assert await _ids(door, range="all") == [2, 1, 3]
    await door.client.put(f"/v1/vaults/{VAULT}", json=choices(time_zone="Pacific/Honolulu"))
    assert await _ids(door, range="all") == [2, 3, 1]


async def test_a_payment_state_that_comes_before_its_row_shows_on_it(door: Door) -> None:
    state = imported()
    await door.tell(invoice_payments(state.invoice.id))
    await door.tell(state)
    assert await _ids(door, range="all", payment_state="paid") == [REQUISITION]
    await door.tell(row_state(version=3))
    assert await _ids(door, range="all", payment_state="paid") == []


async def test_payment_state_shows_and_filters(door: Door) -> None:
    state = imported()
    await door.tell(state, row_state(requisition_id=5), invoice_payments(state.invoice.id))
    assert await _ids(door, range="all", payment_state="paid") == [REQUISITION]
    (row,) = (await door.get("/procore-invoices", range="all", payment_state="paid"))["items"]
    assert (row["payment_state"], row["net_due"]) == ("paid", "900.00")
    invoice = await door.get(f"/invoices/{state.invoice.id}")
    assert (invoice["payments"]["payment_state"], invoice["actions"]["process"]["allowed"]) == ("paid", False)


async def test_the_page_says_how_fresh_the_project_is_and_whether_payments_flow(door: Door) -> None:
    waiting = {"reason": "procore_limit", "until": DAWN.isoformat()}
    await door.tell(project_state(waiting=waiting), row_state())
    page = await door.get("/procore-invoices", project_id=PROJECT, range="all")
    assert (page["as_of"], page["waiting"]["reason"]) == ("2026-03-01T08:00:00Z", "procore_limit")
    assert page["payments_flow"]["status"] == "off"
    assert await _ids(door, project_id=1, range="all") == []
    (project,) = (await door.get("/projects"))["items"]
    assert (project["project_id"], project["name"]) == (PROJECT, "Harbour House")


async def test_no_order_of_events_makes_an_older_state_win(door: Door) -> None:
    versions = {version: row_state(version=version, invoice_number=f"v{version}") for version in (1, 2, 3)}
    await door.tell(versions[3], versions[1])
    await door.tell(versions[2])
    await door.tell(versions[2], versions[3], versions[1])
    row = await door.get(f"/procore-invoices/{REQUISITION}")
    assert (row["version"], row["invoice_number"]) == (3, "v3")
    history = (await door.get(f"/procore-invoices/{REQUISITION}/history"))["items"]
    assert [line["version"] for line in history] == [3, 2, 1]


async def test_a_vault_sees_its_own_rows_only(door: Door) -> None:
    await door.client.put("/v1/vaults/two", json=choices(projects=[1]))
    await door.tell(row_state(vault_id="two", requisition_id=1), row_state(requisition_id=2))
    assert await _ids(door, range="all") == [2]
    assert (await door.client.get("/v1/vaults/two/procore-invoices/2")).status_code == 404


async def test_the_queue_lists_what_waits(door: Door) -> None:
    queued = {"id": str(uuid4()), "fetched_at": DAWN.isoformat(), "content_hash": "c1"}
    await door.tell(row_state(import_state="in_queue", queue_document=queued), row_state(requisition_id=1))
    (document,) = (await door.get("/queue-documents"))["items"]
    assert (document["id"], document["requisition_id"]) == (queued["id"], REQUISITION)
    await door.tell(imported(version=2))
    assert (await door.get("/queue-documents"))["items"] == []


async def test_the_grid_as_csv_has_every_row_and_runs_no_formula(door: Door) -> None:
    await door.tell(
        row_state(requisition_id=1, invoice_number="=1+1", net_due="-5.00"), row_state(requisition_id=2)
    )
    path = f"/v1/vaults/{VAULT}/procore-invoices"
    params: dict[str, str | int] = {"range": "all", "limit": 1}
    answer = await door.client.get(path, params=params, headers={"Accept": "text/csv"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    first, second = list(csv.DictReader(StringIO(answer.text)))
    assert (first["requisition_id"], second["requisition_id"]) == ("2", "1")
    assert (second["invoice_number"], second["net_due"]) == ("'=1+1", "-5.00")


async def test_a_page_is_what_the_document_says_and_a_row_of_it_is_the_row_by_itself(door: Door) -> None:
    waiting = {"reason": "procore_limit", "until": DAWN.isoformat()}
    drift = Drift(kind="deleted", what="It is gone.", seen_at=DAWN)
    await door.tell(
        project_state(waiting=waiting),
        row_state(requisition_id=1, net_due="900.5000", drift=drift),
        row_state(requisition_id=2, import_state="error", problem=Problem(code="x", message="No.")),
        imported(requisition_id=3),
    )
    page = await door.get("/procore-invoices", project_id=PROJECT, range="all")
    assert GridPage.model_validate(page, extra="forbid").model_dump(mode="json", by_alias=True) == page
    for row in page["items"]:
        assert await door.get(f"/procore-invoices/{row['requisition_id']}") == row


async def test_what_is_wrong_with_the_query_is_named(door: Door) -> None:
    path = f"/v1/vaults/{VAULT}/procore-invoices"
    answer = await door.client.get(path, params={"limit": 0, "sort": "colour", "unknown": 1})
    assert answer.status_code == 422
    assert {each["where"] for each in answer.json()["errors"]} == {"query.limit", "query.sort"}


async def test_a_search_for_what_cannot_be_stored_is_refused(door: Door) -> None:
    answer = await door.client.get(f"/v1/vaults/{VAULT}/procore-invoices", params={"q": "A-1\x00"})
    assert (answer.status_code, answer.json()["code"]) == (422, "unstorable_text")
