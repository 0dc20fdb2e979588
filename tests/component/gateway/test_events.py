"""Live events: no gap, no repeat, whoever comes back when; tickets; the process ends its streams first."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import timedelta
from time import monotonic

import pytest_asyncio
from sqlalchemy import text

from drawbridge.gateway.usecases.listen import EVENTS_KEPT, forget_events
from drawbridge.gateway.usecases.project_events import project_events
from drawbridge.runtime import utc_now
from tests.factories.gateway import KEY, REQUISITION, VAULT, Door, choices, imported, row_state, told
from tests.factories.identity import bearer
from tests.factories.listening import StreamingApi, listening, streaming_api


@pytest_asyncio.fixture
async def api(door: Door) -> AsyncIterator[StreamingApi]:
    """The API on a port; ``door`` plays the services on the same database."""
    async with streaming_api(door.database, most_per_caller=3) as api:
        yield api


async def test_a_listener_hears_what_changes_in_its_vault_alone(api: StreamingApi, door: Door) -> None:
    await door.client.put("/v1/vaults/two", json=choices(projects=[1]))
    async with api.client() as client, listening(client) as ear:
        ready = await ear.next()
        assert ready is not None
        assert ready.event == "ready"
        await door.tell(row_state(vault_id="two", requisition_id=1))
        await door.tell(row_state(), imported(version=2))
        heard = await ear.until(ready.number + 3)
    assert [frame.number for frame in heard] == [ready.number + each for each in (1, 2, 3)]
    assert {frame.event for frame in heard} == {"change"}
    told = [(frame.data["kind"], frame.data["what"]) for frame in heard]
    assert told[0] == ("requisition", "seen_in_procore")
    assert set(told[1:]) == {("invoice", "imported"), ("requisition", "imported")}
    assert heard[0].data == {
        "kind": "requisition",
        "id": str(REQUISITION),
        "what": "seen_in_procore",
        "version": 1,
    }


async def test_the_end_of_an_operation_and_new_settings_are_heard(api: StreamingApi, door: Door) -> None:
    async with api.client() as client, listening(client) as ear:
        ready = await ear.next()
        assert ready is not None
        operation = (await door.post("/invoices")).json()["id"]
        await door.tell(imported(source=None), cause=operation)
        await door.client.put(f"/v1/vaults/{VAULT}", json=choices(name="Other"))
        heard = await ear.until(ready.number + 4)
    assert {"kind": "operation", "id": operation, "what": "done", "version": None} in [
        frame.data for frame in heard
    ]
    assert (heard[-1].data["kind"], heard[-1].data["what"]) == ("vault", "settings_changed")


async def test_who_comes_back_misses_nothing_and_hears_nothing_twice(api: StreamingApi, door: Door) -> None:
    """Three writers commit at once, and the listener leaves after every few events."""
    total, heard = 60, []

    async def write(first: int) -> None:
        for number in range(first, first + total // 3):
            await door.tell(row_state(requisition_id=number))

    async with api.client() as client:
        async with listening(client) as ear:
            ready = await ear.next()
        assert ready is not None
        writing = [asyncio.create_task(write(first)) for first in (1000, 2000, 3000)]
        last = ready.number
        while last < ready.number + total:
            async with listening(client, headers={**bearer(KEY), "Last-Event-ID": str(last)}) as ear:
                begun = await ear.next()
                assert begun is not None
                assert (begun.event, begun.number) == ("ready", last)
                frames = await ear.until(min(last + 7, ready.number + total))
            heard += frames
            last = frames[-1].number
        await asyncio.gather(*writing)
    assert [frame.number for frame in heard] == list(range(ready.number + 1, ready.number + total + 1))
    ids = [frame.data["id"] for frame in heard]
    assert len(set(ids)) == total


async def test_a_rolled_back_transaction_leaves_no_hole(api: StreamingApi, door: Door) -> None:
    async with api.client() as client, listening(client) as ear:
        ready = await ear.next()
        assert ready is not None
        with suppress(RuntimeError):
            async with door.database.transaction() as tx:
                await project_events(tx, [told(row_state())])
                raise RuntimeError("rolled back")
        await door.tell(row_state())
        (frame,) = await ear.until(ready.number + 1)
    assert frame.number == ready.number + 1


async def test_who_comes_back_too_late_is_told_to_read_all_again(api: StreamingApi, door: Door) -> None:
    for number in (1, 2, 3):
        await door.tell(row_state(requisition_id=number))
    async with door.database.transaction() as tx:
        long_ago = utc_now() - EVENTS_KEPT - timedelta(minutes=1)
        await tx.session.execute(
            text("UPDATE gateway.events SET at = :at WHERE number < 3"), {"at": long_ago}
        )
    await forget_events(door.database)
    async with api.client() as client, listening(client, after=1) as ear:
        frames = [await ear.next(), await ear.next()]
        await door.tell(row_state(requisition_id=4))
        frames.append(await ear.next())
    assert [frame and frame.event for frame in frames] == ["ready", "reset", "change"]
    async with api.client() as client, listening(client, after=999) as ear:
        assert [frame and frame.event for frame in (await ear.next(), await ear.next())] == ["ready", "reset"]


async def test_a_ticket_opens_one_stream_of_its_vault_once(api: StreamingApi, door: Door) -> None:
    path = f"/v1/vaults/{VAULT}/events"
    made = (await door.client.post(f"{path}/ticket")).json()
    async with api.client() as client:
        other = await client.get("/v1/vaults/two/events", params={"ticket": made["ticket"]})
        async with listening(client, headers={}, ticket=made["ticket"]) as ear:
            assert await ear.next() is not None
        again = await client.get(path, params={"ticket": made["ticket"]})
        expired = (await door.client.post(f"{path}/ticket")).json()
        async with door.database.transaction() as tx:
            await tx.session.execute(text("UPDATE gateway.tickets SET expires_at = now()"))
        late = await client.get(path, params={"ticket": expired["ticket"]})
        nothing = await client.get(path)
    assert [each.status_code for each in (other, again, late, nothing)] == [401] * 4


async def test_a_caller_cannot_hold_any_number_of_streams(api: StreamingApi) -> None:
    async with (
        api.client() as client,
        listening(client) as one,
        listening(client) as two,
        listening(client) as three,
    ):
        for ear in (one, two, three):
            assert await ear.next() is not None
        refused = await client.get(f"/v1/vaults/{VAULT}/events", headers=bearer(KEY))
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_requests")


async def test_a_stop_ends_the_streams_first(api: StreamingApi) -> None:
    async with api.client() as client, listening(client) as ear:
        assert await ear.next() is not None
        started = monotonic()
        api.stop.set()
        assert await ear.next() is None
        assert monotonic() - started < 10


async def test_a_snapshot_is_no_change(door: Door) -> None:
    await door.tell(row_state().model_copy(update={"snapshot_id": "20260301T080000-00000000"}))
    async with door.database.reading() as session:
        events = await session.execute(
            text("SELECT data FROM gateway.events WHERE data LIKE '%requisition%'")
        )
        assert events.all() == []
