from datetime import timedelta

import pytest

from drawbridge.contracts.errors import Refused, Waiting
from drawbridge.procore import (
    NOT_FOUND,
    ProcoreClient,
    Requisition,
    UnreadableAmount,
    decimal_of,
    decimal_or_none,
)
from drawbridge.procore.limits import utc_now
from drawbridge.sandbox.procore import Procore
from drawbridge.sandbox.procore.faults import Fault


async def invoices(client: ProcoreClient, project_id: int) -> list[Requisition]:
    pages = [page async for page in client.list_requisitions(project_id)]
    assert [row for page in pages for row in page.unreadable] == []
    return [row for page in pages for row in page.rows]


async def test_every_project_vendor_and_period_is_read(client: ProcoreClient, double: Procore) -> None:
    projects = await client.list_projects("All")
    assert {project.id for project in projects} == set(double.projects)
    assert {project.id for project in await client.list_projects()} == set(double.facts["active_project_ids"])
    vendors = await client.list_vendors()
    assert any(vendor.origin_code for vendor in vendors)
    assert (await client.vendor(vendors[0].id)).name == vendors[0].name
    assert (await client.project(projects[0].id)).name == projects[0].name
    periods = [period for project in projects for period in await client.billing_periods(project.id)]
    assert {period.id for period in periods} == set(double.periods)


async def test_every_invoice_of_every_status_is_read_with_its_lines(
    client: ProcoreClient, double: Procore
) -> None:
    read = [row for project in double.projects for row in await invoices(client, project)]
    assert {row.id for row in read} == set(double.requisitions)
    assert all(row.items for row in read)
    assert all(row.raw["id"] == row.id for row in read)
    shown = await client.requisition(read[0].project_id or 0, read[0].id)
    assert shown == read[0]


async def test_lines_of_every_whole_invoice_add_up_to_what_is_due(
    client: ProcoreClient, double: Procore
) -> None:
    broken = double.facts["broken_requisition_id"]
    for project in double.projects:
        for row in await invoices(client, project):
            if row.id == broken or row.status != "approved" or row.summary is None:
                continue
            lines = [decimal_of(item.net_amount, "net_amount") for item in row.items or []]
            assert sum(lines) == decimal_of(row.summary.current_payment_due, "current_payment_due")
            assert all(decimal_or_none(item.scheduled_value, "scheduled_value") for item in row.items or [])


async def test_broken_invoice_is_listed_and_says_which_amount_is_unreadable(
    client: ProcoreClient, double: Procore
) -> None:
    record = double.requisitions[double.facts["broken_requisition_id"]]
    row = await client.requisition(record["project_id"], record["id"])
    assert row.summary is not None
    with pytest.raises(UnreadableAmount) as caught:
        decimal_of(row.summary.current_payment_due, "summary.current_payment_due")
    assert caught.value.value == record["summary"]["current_payment_due"]


async def test_only_what_changed_since_a_day_is_listed(client: ProcoreClient, double: Procore) -> None:
    since = utc_now().date() - timedelta(days=30)
    for project in double.projects:
        pages = [page async for page in client.list_requisitions(project, "default", since)]
        expected = {
            record["id"]
            for record in double.requisitions.values()
            if record["project_id"] == project and record["updated_at"][:10] >= since.isoformat()
        }
        assert {row.id for page in pages for row in page.rows} == expected


async def test_commitment_of_either_kind_is_read(client: ProcoreClient, double: Procore) -> None:
    kinds = set()
    for contract in double.contracts.values():
        commitment = await client.commitment(contract.project["id"], contract.id)
        assert commitment.number
        assert commitment.vendor is not None
        assert commitment.vendor.display_name
        kinds.add(commitment.type)
    assert kinds == {"WorkOrderContract", "PurchaseOrderContract"}


async def test_record_that_is_gone_is_not_found(client: ProcoreClient, double: Procore) -> None:
    with pytest.raises(Refused) as caught:
        await client.requisition(next(iter(double.projects)), 1)
    assert caught.value.problem.code == NOT_FOUND


async def test_expired_token_is_replaced_without_anybody_noticing(
    client: ProcoreClient, double: Procore
) -> None:
    await client.list_projects()
    double.faults.pending.append(Fault(kind="expire_token"))
    assert await client.list_projects("All")


async def test_exhausted_limit_is_a_wait_for_every_call(client: ProcoreClient, double: Procore) -> None:
    double.faults.pending.append(Fault(kind="exhaust_limit", seconds=9))
    for _ in range(2):
        with pytest.raises(Waiting) as caught:
            await client.list_projects()
        assert caught.value.reason == "procore_limit"
        assert caught.value.until > utc_now()
