"""Answers that drip, that never end, and that are packed."""

import asyncio
import gzip
from collections.abc import AsyncIterator
from datetime import date, timedelta
from decimal import Decimal

import httpx
import pytest

from drawbridge.contracts.errors import Refused, Retryable
from drawbridge.procore import Ambiguous, ContractPaymentDraft, ProcoreClient, exchange
from tests.factories.procore import ScriptedProcore

DRAFT = ContractPaymentDraft(date=date(2026, 3, 1), amount=Decimal("1.00"))


async def drip() -> AsyncIterator[bytes]:
    """One byte now and then, for ever."""
    while True:
        yield b" "
        await asyncio.sleep(0.01)


async def flood() -> AsyncIterator[bytes]:
    """As much as one likes, for ever."""
    while True:
        yield b" " * 4096


async def test_answer_that_drips_ends_with_the_deadline(
    client: ProcoreClient, procore: ScriptedProcore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exchange, "DEADLINE", timedelta(seconds=0.1))
    procore.will_answer(httpx.Response(200, content=drip()))
    with pytest.raises(Retryable) as caught:
        await client.requisition(11, 5)
    assert caught.value.problem.code == "procore_unreachable"
    assert "did not finish its answer" in caught.value.problem.message


async def test_token_that_drips_ends_with_the_deadline(
    client: ProcoreClient, procore: ScriptedProcore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exchange, "DEADLINE", timedelta(seconds=0.1))
    procore.token_answers.append(httpx.Response(200, content=drip()))
    with pytest.raises(Retryable, match="login host did not finish"):
        await client.requisition(11, 5)


async def test_read_that_never_ends_is_cut_off_and_refused(
    client: ProcoreClient, procore: ScriptedProcore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exchange, "LARGEST_ANSWER", 10_000)
    procore.will_answer(httpx.Response(200, content=flood()))
    with pytest.raises(Refused) as caught:
        await client.requisition(11, 5)
    assert caught.value.problem.code == "procore_too_much"


async def test_error_page_that_never_ends_is_still_that_error(
    client: ProcoreClient, procore: ScriptedProcore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exchange, "LARGEST_ANSWER", 10_000)
    procore.will_answer(httpx.Response(500, content=flood()))
    with pytest.raises(Retryable, match="Procore answered 500"):
        await client.requisition(11, 5)


async def test_write_whose_answer_never_ends_is_in_doubt(
    client: ProcoreClient, procore: ScriptedProcore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exchange, "LARGEST_ANSWER", 10_000)
    procore.will_answer(httpx.Response(201, content=flood()))
    outcome = await client.create_contract_payment(11, 22, DRAFT)
    assert isinstance(outcome, Ambiguous)


async def test_size_is_that_of_the_unpacked_answer(
    client: ProcoreClient, procore: ScriptedProcore, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed = {"Content-Encoding": "gzip"}
    procore.will_answer(httpx.Response(200, content=gzip.compress(b'{"id": 5}'), headers=packed))
    assert (await client.requisition(11, 5)).id == 5
    monkeypatch.setattr(exchange, "LARGEST_ANSWER", 10_000)
    procore.will_answer(httpx.Response(200, content=gzip.compress(b" " * 1_000_000), headers=packed))
    with pytest.raises(Refused):
        await client.requisition(11, 5)
