from datetime import UTC, date, datetime, timedelta

import httpx
import pytest

from drawbridge.contracts.errors import Refused, Retryable, Waiting
from drawbridge.procore import NOT_FOUND, ProcoreClient
from tests.factories.procore import API, COMPANY, ScriptedProcore


async def test_every_call_names_the_company_and_carries_the_token(
    client: ProcoreClient, procore: ScriptedProcore
) -> None:
    procore.will_answer(httpx.Response(200, json={"id": 7}))
    await client.project(7)
    request = procore.requests[0]
    assert request.headers["Procore-Company-Id"] == str(COMPANY)
    assert request.headers["Authorization"] == "Bearer token-1"
    assert str(request.url) == f"{API}/rest/v1.0/projects/7?company_id={COMPANY}"


async def test_redirect_is_not_followed_so_the_token_stays_with_the_api_host(
    client: ProcoreClient, procore: ScriptedProcore
) -> None:
    procore.will_answer(httpx.Response(302, headers={"Location": "https://storage.test/file"}))
    with pytest.raises(Refused) as caught:
        await client.project(7)
    assert caught.value.problem.code == "procore_redirected"
    assert [request.url.host for request in procore.requests] == ["api.procore.test"]


async def test_read_with_an_expired_token_is_repeated_once_with_a_new_one(
    client: ProcoreClient, procore: ScriptedProcore
) -> None:
    procore.will_answer(httpx.Response(401), httpx.Response(200, json={"id": 7}))
    assert (await client.project(7)).id == 7
    assert len(procore.token_requests) == 2


async def test_read_that_stays_unauthorized_is_refused(
    client: ProcoreClient, procore: ScriptedProcore
) -> None:
    procore.will_answer(httpx.Response(401), httpx.Response(401))
    with pytest.raises(Refused) as caught:
        await client.project(7)
    assert caught.value.problem.code == "procore_unauthorized"
    assert len(procore.requests) == 2


@pytest.mark.parametrize("error", [httpx.ConnectError, httpx.ReadTimeout, httpx.RemoteProtocolError])
async def test_read_without_an_answer_may_be_tried_again(
    client: ProcoreClient, procore: ScriptedProcore, error: type[httpx.TransportError]
) -> None:
    procore.will_answer(error("cut"))
    with pytest.raises(Retryable) as caught:
        await client.project(7)
    assert not isinstance(caught.value, Waiting)


@pytest.mark.parametrize("status", [500, 502, 504])
async def test_read_that_met_a_server_error_may_be_tried_again(
    client: ProcoreClient, procore: ScriptedProcore, status: int
) -> None:
    procore.will_answer(httpx.Response(status))
    with pytest.raises(Retryable) as caught:
        await client.project(7)
    assert caught.value.problem.code == "procore_error"


@pytest.mark.parametrize(("status", "reason"), [(429, "procore_limit"), (503, "procore_down")])
async def test_read_that_is_asked_to_wait_says_until_when(
    client: ProcoreClient, procore: ScriptedProcore, status: int, reason: str
) -> None:
    procore.will_answer(httpx.Response(status, headers={"Retry-After": "90"}))
    before = datetime.now(UTC)
    with pytest.raises(Waiting) as caught:
        await client.project(7)
    assert caught.value.reason == reason
    assert timedelta(seconds=89) < caught.value.until - before < timedelta(seconds=95)


async def test_advice_for_a_404_leaves_open_whether_the_record_is_deleted_or_invisible(
    client: ProcoreClient, procore: ScriptedProcore
) -> None:
    procore.will_answer(httpx.Response(404, json={"message": "Not Found"}))
    with pytest.raises(Refused) as caught:
        await client.requisition(11, 5)
    assert caught.value.problem.code == NOT_FOUND
    assert "deleted" in caught.value.problem.advice
    assert "invisible" in caught.value.problem.advice


@pytest.mark.parametrize("body", [b"[1]", b'{"id": null}'])
async def test_record_that_cannot_be_read_is_refused(
    client: ProcoreClient, procore: ScriptedProcore, body: bytes
) -> None:
    procore.will_answer(httpx.Response(200, content=body))
    with pytest.raises(Refused) as caught:
        await client.requisition(11, 5)
    assert caught.value.problem.code == "procore_unreadable"


async def test_invoices_are_asked_for_by_project_view_and_whole_days(
    client: ProcoreClient, procore: ScriptedProcore
) -> None:
    procore.will_answer(httpx.Response(200, json=[{"id": 1}]))
    _ = [page async for page in client.list_requisitions(11, updated_since=date(2026, 1, 31))]
    params = procore.requests[0].url.params
    assert (params["project_id"], params["view"]) == ("11", "extended")
    start, end = params["filters[updated_at]"].split("...")
    assert start == "2026-01-31T00:00:00Z"
    assert datetime.fromisoformat(end) > datetime.now(UTC) + timedelta(days=1)


async def test_projects_are_asked_for_with_an_explicit_status(
    client: ProcoreClient, procore: ScriptedProcore
) -> None:
    procore.will_answer(httpx.Response(200, json=[{"id": 7, "name": "Tower"}]))
    assert [project.name for project in await client.list_projects()] == ["Tower"]
    assert procore.requests[0].url.params["filters[by_status]"] == "Active"


async def test_vendor_and_commitment_tell_the_ledgers_code_and_the_currency(
    client: ProcoreClient, procore: ScriptedProcore
) -> None:
    procore.will_answer(
        httpx.Response(200, json=[{"id": 1, "origin_code": "V-1007"}]),
        httpx.Response(200, json={"id": 1, "origin_code": "V-1007"}),
        httpx.Response(
            200,
            json={
                "id": 2,
                "type": "WorkOrderContract",
                "vendor": {"id": 1, "company": "Acme Steel"},
                "currency_configuration": {"currency_iso_code": "USD"},
                "retainage_percent": 10.5,
            },
        ),
    )
    assert [vendor.origin_code for vendor in await client.list_vendors()] == ["V-1007"]
    assert (await client.vendor(1)).origin_code == "V-1007"
    commitment = await client.commitment(11, 2)
    assert commitment.vendor is not None
    assert (commitment.vendor.display_name, commitment.currency) == ("Acme Steel", "USD")
    assert commitment.retainage_percent == "10.5"


async def test_due_dates_come_from_billing_periods(client: ProcoreClient, procore: ScriptedProcore) -> None:
    procore.will_answer(httpx.Response(200, json=[{"id": 3, "due_date": "2026-04-15"}]))
    assert [period.due_date for period in await client.billing_periods(11)] == [date(2026, 4, 15)]


async def test_contract_payment_can_be_read_back(client: ProcoreClient, procore: ScriptedProcore) -> None:
    procore.will_answer(httpx.Response(200, json={"id": 3, "check_number": 10423, "date": "2026-03-01"}))
    payment = await client.contract_payment(11, 22, 3)
    assert (payment.check_number, payment.date) == ("10423", date(2026, 3, 1))


async def test_list_of_contract_payments_with_a_hole_is_refused(
    client: ProcoreClient, procore: ScriptedProcore
) -> None:
    procore.will_answer(httpx.Response(200, json=[{"id": 3}, {"amount": "5.0"}]))
    with pytest.raises(Refused) as caught:
        await client.contract_payments(11, 22)
    assert caught.value.problem.code == "procore_unreadable"


@pytest.mark.parametrize("status", [403, 404])
async def test_a_no_about_a_project_names_it(
    client: ProcoreClient, procore: ScriptedProcore, status: int
) -> None:
    procore.will_answer(httpx.Response(status), httpx.Response(status))
    for call in (client.requisition(11, 5), client.billing_periods(11)):
        with pytest.raises(Refused) as caught:
            await call
        assert "permitted on project 11" in caught.value.problem.advice
