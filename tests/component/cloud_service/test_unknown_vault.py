"""A request for a vault that is not known yet waits for it, and is parked when it never comes."""

from datetime import timedelta
from functools import partial

import pytest

from drawbridge.cloud_service import wiring
from drawbridge.cloud_service.usecases.await_vault import AwaitVault
from drawbridge.persistence import Database
from tests.factories.cloud import World, fresh_id, request_body, vault_state
from tests.factories.core import count
from tests.factories.waiting import eventually

OFTEN = timedelta(milliseconds=100)


@pytest.fixture
def _attentive(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let cloud-service look for the vault often."""
    monkeypatch.setattr(wiring, "AwaitVault", partial(AwaitVault, check_every=OFTEN))


@pytest.fixture
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let cloud-service lose patience soon."""
    impatient = partial(AwaitVault, patience=timedelta(seconds=1.5), check_every=OFTEN)
    monkeypatch.setattr(wiring, "AwaitVault", impatient)


@pytest.mark.usefixtures("_attentive")
async def test_it_is_sent_on_once_the_vault_is_known(world: World) -> None:
    message_id = await world.ask(request_body())
    await eventually(world.states)
    assert world.states()[0][1].status == "waiting"
    await world.tell(vault_state())
    await eventually(world.asked)
    await eventually(lambda: world.last_status() == "sent")
    assert str(world.states()[-1][0].cause) == message_id


@pytest.mark.usefixtures("_hasty")
async def test_it_is_parked_and_its_replay_is_a_new_request(world: World, database: Database) -> None:
    message_id = fresh_id()
    await world.ask(request_body(), message_id=message_id)
    await eventually(lambda: world.parked)
    parked = world.parked[0]
    assert (str(parked.id), parked.headers["drawbridge-code"]) == (message_id, "unknown_vault")
    await eventually(lambda: len(world.states()) == 2)
    assert world.last_status() == "failed"
    assert await count(database, "work_items") == 0

    await world.tell(vault_state())
    await eventually(lambda: any(seen.type == "drawbridge.vault.problems.v1" for seen in world.events))
    await world.ask(parked.body, message_id=message_id)
    await eventually(world.asked)
    await eventually(lambda: world.last_status() == "sent")
