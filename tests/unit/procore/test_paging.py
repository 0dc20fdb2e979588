import httpx
import pytest

from drawbridge.contracts.errors import Refused, Retryable
from drawbridge.procore import Page, ProcoreClient, Requisition, exchange
from tests.factories.procore import ScriptedProcore

NEXT = {"Link": '<https://api.procore.test/rest/v1.1/requisitions?page=9>; rel="next"'}


def rows(*ids: int) -> list[dict[str, int]]:
    return [{"id": number} for number in ids]


async def read(client: ProcoreClient) -> list[Page[Requisition]]:
    return [page async for page in client.list_requisitions(11)]


def page_numbers(procore: ScriptedProcore) -> list[str]:
    return [request.url.params["page"] for request in procore.requests]


async def test_query_is_rebuilt_for_each_page_while_link_says_next(
    client: ProcoreClient, procore: ScriptedProcore
) -> None:
    procore.will_answer(
        httpx.Response(200, json=rows(1, 2), headers=NEXT),
        httpx.Response(200, json=rows(3), headers={"Link": '<x>; rel="prev"'}),
    )
    assert [[row.id for row in page.rows] for page in await read(client)] == [[1, 2], [3]]
    assert page_numbers(procore) == ["1", "2"]
    assert {request.url.params["project_id"] for request in procore.requests} == {"11"}


async def test_total_stops_when_all_were_seen(client: ProcoreClient, procore: ScriptedProcore) -> None:
    procore.will_answer(
        httpx.Response(200, json=rows(1, 2), headers={"Total": "3"}),
        httpx.Response(200, json=rows(3), headers={"Total": "3"}),
    )
    assert len(await read(client)) == 2


async def test_empty_page_stops_whatever_the_headers_say(
    client: ProcoreClient, procore: ScriptedProcore
) -> None:
    procore.will_answer(
        httpx.Response(200, json=rows(1), headers=NEXT), httpx.Response(200, json=[], headers=NEXT)
    )
    assert len(await read(client)) == 1


async def test_page_with_nothing_new_stops_whatever_the_headers_say(
    client: ProcoreClient, procore: ScriptedProcore
) -> None:
    procore.will_answer(
        httpx.Response(200, json=rows(1, 2), headers=NEXT), httpx.Response(200, json=rows(2, 1), headers=NEXT)
    )
    assert len(await read(client)) == 1


async def test_list_that_shrinks_while_it_is_read_is_read_again(
    client: ProcoreClient, procore: ScriptedProcore
) -> None:
    procore.will_answer(
        httpx.Response(200, json=rows(1, 2), headers={**NEXT, "Total": "3"}),
        httpx.Response(200, json=[], headers={"Total": "2"}),
        httpx.Response(200, json=rows(2, 3), headers={"Total": "2"}),
    )
    assert [[row.id for row in page.rows] for page in await read(client)] == [[1, 2], [2, 3]]
    assert page_numbers(procore) == ["1", "2", "1"]


async def test_list_in_which_a_row_moved_to_the_front_is_read_again(
    client: ProcoreClient, procore: ScriptedProcore
) -> None:
    procore.will_answer(
        httpx.Response(200, json=rows(1, 2), headers={**NEXT, "Total": "4"}),
        httpx.Response(200, json=rows(2, 3), headers={"Total": "4", "Link": '<x>; rel="prev"'}),
        httpx.Response(200, json=rows(4, 1, 2, 3), headers={"Total": "4"}),
    )
    seen = {row.id for page in await read(client) for row in page.rows}
    assert seen == {1, 2, 3, 4}


async def test_list_that_never_adds_up_is_read_twice_and_no_more(
    client: ProcoreClient, procore: ScriptedProcore
) -> None:
    headers = {"Total": "9", "Link": '<x>; rel="first"'}
    answers = [httpx.Response(200, json=each, headers=headers) for each in (rows(1), [], rows(1), [])]
    procore.will_answer(*answers)
    assert len(await read(client)) == 2
    assert procore.answers == []


async def test_page_that_is_too_large_is_asked_for_in_smaller_ones(
    client: ProcoreClient, procore: ScriptedProcore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exchange, "LARGEST_ANSWER", 1000)
    procore.will_answer(
        httpx.Response(200, json=rows(*range(1, 51)), headers={**NEXT, "Total": "55"}),
        httpx.Response(200, content=b" " * 1001),
        httpx.Response(200, json=rows(*range(51, 56)), headers={"Total": "55", "Link": ""}),
    )
    assert sum(len(page.rows) for page in await read(client)) == 55
    asked = [(each.url.params["page"], each.url.params["per_page"]) for each in procore.requests]
    assert asked == [("1", "100"), ("2", "100"), ("6", "10")]


async def test_record_that_is_too_large_by_itself_is_refused(
    client: ProcoreClient, procore: ScriptedProcore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exchange, "LARGEST_ANSWER", 1000)
    procore.will_answer(*[httpx.Response(200, content=b" " * 1001) for _ in range(3)])
    with pytest.raises(Refused) as caught:
        await read(client)
    assert caught.value.problem.code == "procore_too_much"
    assert [each.url.params["per_page"] for each in procore.requests] == ["100", "10", "1"]


async def test_list_is_told_with_each_record_once(client: ProcoreClient, procore: ScriptedProcore) -> None:
    procore.will_answer(
        httpx.Response(200, json=rows(1, 2), headers=NEXT), httpx.Response(200, json=rows(2, 3))
    )
    assert [each.id for each in await client.contract_payments(11, 12)] == [1, 2, 3]


async def test_list_that_does_not_page_is_read_once(client: ProcoreClient, procore: ScriptedProcore) -> None:
    everything = rows(*range(1, 151))
    procore.will_answer(httpx.Response(200, json=everything), httpx.Response(200, json=everything))
    assert [len(page.rows) for page in await read(client)] == [150]


async def test_rows_in_a_data_envelope_are_unwrapped(client: ProcoreClient, procore: ScriptedProcore) -> None:
    procore.will_answer(httpx.Response(200, json={"data": rows(1)}))
    assert [page.rows[0].id for page in await read(client)] == [1]


async def test_one_broken_row_never_breaks_a_page(client: ProcoreClient, procore: ScriptedProcore) -> None:
    broken = {"id": 2, "summary": {"current_payment_due": "#REF!"}, "items": "none"}
    procore.will_answer(httpx.Response(200, json=[{"id": 1}, broken, {"number": 5}, "nonsense", {"id": 3}]))
    (page,) = await read(client)
    assert [row.id for row in page.rows] == [1, 2, 3]
    assert [row.raw for row in page.unreadable] == [{"number": 5}, "nonsense"]


@pytest.mark.parametrize("body", [b"<html>", b'[{"id": 1}, {"id"', b"", b"[" * 100_000])
async def test_answer_that_is_no_json_is_tried_again(
    client: ProcoreClient, procore: ScriptedProcore, body: bytes
) -> None:
    procore.will_answer(
        httpx.Response(200, content=body, headers={"Content-Type": "text/html; charset=utf-8"})
    )
    with pytest.raises(Retryable) as caught:
        await read(client)
    assert caught.value.problem.code == "procore_unreadable"
    assert "is no JSON (text/html)" in caught.value.problem.message


@pytest.mark.parametrize("body", [b'{"rows": []}', b"7"])
async def test_answer_that_is_no_list_is_refused(
    client: ProcoreClient, procore: ScriptedProcore, body: bytes
) -> None:
    procore.will_answer(httpx.Response(200, content=body))
    with pytest.raises(Refused) as caught:
        await read(client)
    assert caught.value.problem.code == "procore_unreadable"


async def test_smaller_pages_than_asked_for_are_full_when_the_answer_says_so(
    client: ProcoreClient, procore: ScriptedProcore
) -> None:
    procore.will_answer(
        httpx.Response(200, json=rows(1, 2), headers={"Per-Page": "2"}),
        httpx.Response(200, json=rows(3), headers={"Per-Page": "2"}),
    )
    assert [len(page.rows) for page in await read(client)] == [2, 1]
    assert [request.url.params["per_page"] for request in procore.requests] == ["100", "2"]
