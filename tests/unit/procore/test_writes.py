from datetime import date
from decimal import Decimal

import httpx
import pytest

from drawbridge.contracts.errors import Refused, Waiting
from drawbridge.procore import (
    Ambiguous,
    ContractPaymentChange,
    ContractPaymentDraft,
    NotSent,
    Ok,
    ProcoreClient,
    Rejected,
)
from tests.factories.procore import ScriptedProcore

DRAFT = ContractPaymentDraft(
    date=date(2026, 3, 1),
    amount=Decimal("1E+3"),
    payment_method="check",
    check_number="10423",
    requisition_id=598134325841112,
    origin_id=None,
)


async def create(client: ProcoreClient) -> object:
    return await client.create_contract_payment(11, 22, DRAFT)


async def test_created_payment_comes_back_as_a_record(
    client: ProcoreClient, procore: ScriptedProcore
) -> None:
    procore.will_answer(httpx.Response(201, json={"id": 598134325841999, "amount": "1000.0"}))
    outcome = await create(client)
    assert isinstance(outcome, Ok)
    assert (outcome.value.id, outcome.value.amount) == (598134325841999, "1000.0")


async def test_money_goes_out_as_plain_decimal_text_and_absent_members_stay_out(
    client: ProcoreClient, procore: ScriptedProcore
) -> None:
    procore.will_answer(httpx.Response(201, json={"id": 1}))
    await create(client)
    assert procore.sent() == {
        "project_id": 11,
        "contract_id": 22,
        "contract_payment": {
            "date": "2026-03-01",
            "amount": "1000",
            "payment_method": "check",
            "check_number": "10423",
            "requisition_id": 598134325841112,
        },
    }


async def test_change_sends_an_explicit_none_to_clear_a_member(
    client: ProcoreClient, procore: ScriptedProcore
) -> None:
    procore.will_answer(httpx.Response(200, json={"id": 33}))
    outcome = await client.update_contract_payment(11, 22, 33, ContractPaymentChange(origin_id=None))
    assert isinstance(outcome, Ok)
    assert procore.requests[-1].method == "PATCH"
    assert procore.requests[-1].url.path.endswith("/contract_payments/33")
    assert procore.sent() == {"project_id": 11, "contract_id": 22, "contract_payment": {"origin_id": None}}


@pytest.mark.parametrize("error", [httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout])
async def test_write_that_never_left_is_not_sent(
    client: ProcoreClient, procore: ScriptedProcore, error: type[httpx.TransportError]
) -> None:
    procore.will_answer(error("no way"))
    assert isinstance(await create(client), NotSent)


@pytest.mark.parametrize(
    "error",
    [
        httpx.ReadTimeout,
        httpx.WriteTimeout,
        httpx.ReadError,
        httpx.WriteError,
        httpx.CloseError,
        httpx.RemoteProtocolError,
        TimeoutError,
    ],
)
async def test_write_without_an_answer_is_ambiguous(
    client: ProcoreClient, procore: ScriptedProcore, error: type[Exception]
) -> None:
    procore.will_answer(error("cut"))
    assert isinstance(await create(client), Ambiguous)


@pytest.mark.parametrize("status", [408, 500, 502, 503, 504])
async def test_write_that_met_a_server_error_is_ambiguous(
    client: ProcoreClient, procore: ScriptedProcore, status: int
) -> None:
    procore.will_answer(httpx.Response(status, text="<html>oops</html>"))
    assert isinstance(await create(client), Ambiguous)


@pytest.mark.parametrize(
    "body",
    [b"<html>", b"[]", b'{"amount": "1"}', b'{"id": "x"}', b""],
    ids=["html", "list", "no id", "bad id", "empty"],
)
async def test_applied_write_with_an_unreadable_answer_is_ambiguous(
    client: ProcoreClient, procore: ScriptedProcore, body: bytes
) -> None:
    procore.will_answer(httpx.Response(201, content=body))
    assert isinstance(await create(client), Ambiguous)


@pytest.mark.parametrize("status", [302, 400, 403, 404, 406, 409, 422])
async def test_write_that_procore_refused_is_rejected_with_its_words(
    client: ProcoreClient, procore: ScriptedProcore, status: int
) -> None:
    procore.will_answer(httpx.Response(status, json={"errors": {"amount": ["is locked"]}}))
    outcome = await create(client)
    assert isinstance(outcome, Rejected)
    assert (outcome.problem.status, outcome.problem.message) == (status, "amount is locked")


async def test_write_over_the_limit_waits_because_nothing_was_applied(
    client: ProcoreClient, procore: ScriptedProcore
) -> None:
    procore.will_answer(httpx.Response(429, headers={"Retry-After": "40"}))
    with pytest.raises(Waiting) as caught:
        await create(client)
    assert caught.value.reason == "procore_limit"


async def test_refused_token_means_not_sent_and_the_next_write_has_a_new_one(
    client: ProcoreClient, procore: ScriptedProcore
) -> None:
    procore.will_answer(httpx.Response(401), httpx.Response(201, json={"id": 1}))
    assert isinstance(await create(client), NotSent)
    assert isinstance(await create(client), Ok)
    assert [request.headers["Authorization"] for request in procore.requests] == [
        "Bearer token-1",
        "Bearer token-2",
    ]


async def test_write_without_a_token_is_not_sent(client: ProcoreClient, procore: ScriptedProcore) -> None:
    procore.token_answers = [httpx.ConnectError("no login host")]
    assert isinstance(await create(client), NotSent)
    assert procore.requests == []


async def test_write_with_wrong_credentials_is_refused(
    client: ProcoreClient, procore: ScriptedProcore
) -> None:
    procore.token_answers = [httpx.Response(401, json={"error": "invalid_client"})]
    with pytest.raises(Refused) as caught:
        await create(client)
    assert caught.value.problem.code == "procore_credentials"


@pytest.mark.parametrize("answer", [httpx.Response(204), httpx.Response(200, json={"id": 33})])
async def test_delete_names_the_commitment_in_the_query(
    client: ProcoreClient, procore: ScriptedProcore, answer: httpx.Response
) -> None:
    procore.will_answer(answer)
    assert await client.delete_contract_payment(11, 22, 33) == Ok(None)
    assert dict(procore.requests[0].url.params) == {"project_id": "11", "contract_id": "22"}


async def test_delete_of_a_payment_that_is_gone_is_rejected_with_404(
    client: ProcoreClient, procore: ScriptedProcore
) -> None:
    procore.will_answer(httpx.Response(404, json={"message": "Not Found", "exception": "x"}))
    outcome = await client.delete_contract_payment(11, 22, 33)
    assert isinstance(outcome, Rejected)
    assert outcome.problem.code == "procore_not_found"
