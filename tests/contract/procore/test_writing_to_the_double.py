import asyncio
from datetime import date
from decimal import Decimal

import pytest

from drawbridge.contracts.errors import Refused, Waiting
from drawbridge.procore import (
    Ambiguous,
    ContractPayment,
    ContractPaymentChange,
    ContractPaymentDraft,
    NotSent,
    Ok,
    ProcoreClient,
    Rejected,
    decimal_of,
)
from drawbridge.sandbox.procore import Procore
from drawbridge.sandbox.procore.faults import Fault, Kind, Match
from tests.factories.procore import client_of

DRAFT = ContractPaymentDraft(
    date=date(2026, 3, 1),
    amount=Decimal("1234.50"),
    check_number="10423",
    payment_method="check",
    notes="Ours",
)


@pytest.fixture
def target(double: Procore) -> tuple[int, int]:
    taken = double.facts["hand_typed_payment"]["contract_id"]
    contract = next(contract for contract in double.contracts.values() if contract.id != taken)
    return contract.project["id"], contract.id


def go_wrong(double: Procore, kind: Kind, *, seconds: float = 10, status: int = 503) -> None:
    match = Match(method="POST", path_prefix="/rest/v1.0/contract_payments")
    double.faults.pending.append(Fault(kind=kind, match=match, seconds=seconds, status=status))


async def created(client: ProcoreClient, target: tuple[int, int]) -> ContractPayment:
    outcome = await client.create_contract_payment(*target, DRAFT)
    assert isinstance(outcome, Ok)
    return outcome.value


async def test_created_payment_reads_back_as_it_was_sent(
    client: ProcoreClient, target: tuple[int, int]
) -> None:
    payment = await created(client, target)
    assert await client.contract_payment(*target, payment.id) == payment
    assert await client.contract_payments(*target) == [payment]
    assert decimal_of(payment.amount, "amount") == Decimal("1234.50")
    assert (payment.date, payment.check_number, payment.notes) == (date(2026, 3, 1), "10423", "Ours")


async def test_payment_is_changed_and_deleted(client: ProcoreClient, target: tuple[int, int]) -> None:
    payment = await created(client, target)
    outcome = await client.update_contract_payment(
        *target, payment.id, ContractPaymentChange(amount=Decimal(7))
    )
    assert isinstance(outcome, Ok)
    assert decimal_of(outcome.value.amount, "amount") == 7
    assert await client.delete_contract_payment(*target, payment.id) == Ok(None)
    assert await client.contract_payments(*target) == []
    gone = await client.delete_contract_payment(*target, payment.id)
    assert isinstance(gone, Rejected)
    assert gone.problem.status == 404


async def test_origin_id_locks_a_payment_until_it_is_cleared(
    client: ProcoreClient, target: tuple[int, int]
) -> None:
    payment = await created(client, target)
    await client.update_contract_payment(*target, payment.id, ContractPaymentChange(origin_id="ours-1"))
    locked = await client.delete_contract_payment(*target, payment.id)
    assert isinstance(locked, Rejected)
    assert locked.problem.code == "procore_invalid"
    assert "synced with an ERP" in locked.problem.message
    await client.update_contract_payment(*target, payment.id, ContractPaymentChange(origin_id=None))
    assert await client.delete_contract_payment(*target, payment.id) == Ok(None)


async def test_dropped_answer_is_ambiguous_and_listing_shows_that_it_was_applied(
    client: ProcoreClient, double: Procore, target: tuple[int, int]
) -> None:
    go_wrong(double, "apply_then_drop")
    assert isinstance(await client.create_contract_payment(*target, DRAFT), Ambiguous)
    assert len(await client.contract_payments(*target)) == 1


async def test_a_server_error_after_applying_is_ambiguous_and_listing_shows_that_it_was_applied(
    client: ProcoreClient, double: Procore, target: tuple[int, int]
) -> None:
    go_wrong(double, "apply_then_fail", status=502)
    assert isinstance(await client.create_contract_payment(*target, DRAFT), Ambiguous)
    assert len(await client.contract_payments(*target)) == 1


async def test_late_application_is_ambiguous_and_shows_up_later(
    client: ProcoreClient, double: Procore, target: tuple[int, int]
) -> None:
    go_wrong(double, "apply_late", seconds=0.2)
    assert isinstance(await client.create_contract_payment(*target, DRAFT), Ambiguous)
    assert await client.contract_payments(*target) == []
    await asyncio.sleep(0.4)
    assert len(await client.contract_payments(*target)) == 1


async def test_server_error_is_ambiguous(
    client: ProcoreClient, double: Procore, target: tuple[int, int]
) -> None:
    go_wrong(double, "fail", status=500)
    assert isinstance(await client.create_contract_payment(*target, DRAFT), Ambiguous)


async def test_limit_is_a_wait_and_nothing_was_applied(
    client: ProcoreClient, double: Procore, target: tuple[int, int]
) -> None:
    go_wrong(double, "exhaust_limit", seconds=9)
    with pytest.raises(Waiting):
        await client.create_contract_payment(*target, DRAFT)
    assert not double.payments_of(target[1])


async def test_expired_token_sends_nothing_and_the_next_try_succeeds(
    client: ProcoreClient, double: Procore, target: tuple[int, int]
) -> None:
    await client.list_projects()
    go_wrong(double, "expire_token")
    assert isinstance(await client.create_contract_payment(*target, DRAFT), NotSent)
    assert not double.payments_of(target[1])
    await created(client, target)


async def test_wrong_secret_is_refused(double: Procore, target: tuple[int, int]) -> None:
    async with client_of(double, secret="wrong") as stranger:
        with pytest.raises(Refused) as caught:
            await stranger.create_contract_payment(*target, DRAFT)
    assert caught.value.problem.code == "procore_credentials"
