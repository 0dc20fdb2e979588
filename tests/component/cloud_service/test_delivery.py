"""Nothing is done twice, however often and by how many it is asked."""

import asyncio

from drawbridge.cloud_service.settings import Settings
from drawbridge.persistence import Database, check
from tests.factories.cloud import BIG, World, fresh_id, request_body, row_state, vault_state
from tests.factories.core import count
from tests.factories.waiting import eventually


async def test_the_migrated_schema_is_what_the_code_declares(settings: Settings) -> None:
    assert await check(settings.database_url, "drawbridge.cloud_service") == []


async def test_one_message_ten_times_is_one_request(world: World, database: Database) -> None:
    await world.tell(vault_state())
    message_id = fresh_id()
    for _ in range(10):
        await world.ask(request_body(), message_id=message_id)
    await world.ask(request_body(BIG + 1))
    await eventually(lambda: len(world.asked()) == 2)
    assert await count(database, "requests") == 2
    assert not world.joins()


async def test_many_repeats_at_once_are_one_request_and_each_is_answered(
    world: World, database: Database
) -> None:
    await world.tell(vault_state())
    await eventually(lambda: any(seen.type == "drawbridge.vault.problems.v1" for seen in world.events))
    await asyncio.gather(*[world.ask(request_body()) for _ in range(40)])
    await eventually(lambda: len(world.joins()) == 39)
    assert len(world.asked()) == 1
    assert await count(database, "requests") == 1


async def test_an_answer_told_ten_times_ends_a_request_once(world: World) -> None:
    await world.tell(vault_state())
    await world.ask(request_body())
    await eventually(world.asked)
    command_id = world.asked()[0][0].id
    for version in range(2, 12):
        await world.tell(row_state(version=version, import_state="imported"), cause=command_id)
    await eventually(lambda: world.last_status() == "done")
    await world.ask(request_body(BIG + 1))
    await eventually(lambda: len(world.asked()) == 2)
    assert [state.status for _, state in world.states()].count("done") == 1
