import httpx
import pytest

from drawbridge.contracts.errors import Refused
from drawbridge.procore import Page, ProcoreClient, Requisition
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
        httpx.Response(200, json=rows(1), headers={**NEXT, "Total": "99"}),
        httpx.Response(200, json=[], headers={**NEXT, "Total": "99"}),
    )
    assert len(await read(client)) == 1


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


@pytest.mark.parametrize("body", [b"<html>", b'{"rows": []}', b"7"])
async def test_answer_that_is_no_list_is_refused(
    client: ProcoreClient, procore: ScriptedProcore, body: bytes
) -> None:
    procore.will_answer(httpx.Response(200, content=body))
    with pytest.raises(Refused) as caught:
        await read(client)
    assert caught.value.problem.code == "procore_unreadable"
