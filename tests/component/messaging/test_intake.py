"""Deliveries have their effect once, bad ones are parked with a reason, and nothing is lost."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from uuid import uuid4

import pytest
import pytest_asyncio
from pydantic import SecretStr
from sqlalchemy import text

from drawbridge.contracts.errors import Unprocessable
from drawbridge.contracts.topology import PARKED_QUEUE
from drawbridge.messaging import (
    Broker,
    Decode,
    Intake,
    Properties,
    RawMessage,
    RawOutgoing,
    Received,
    Relay,
    decode_envelope,
    publish,
)
from drawbridge.persistence import Database, Transaction
from drawbridge.runtime import failpoints, is_transient
from tests.component.messaging.conftest import Running
from tests.factories.core import CAUSE, EVENTS, QUEUE, Noted, count
from tests.factories.waiting import looked
from tests.factories.wire import take_messages


class Notebook:
    """A handler that writes each note down; ``awkward`` notes raise, each in its own way."""

    def __init__(self, **awkward: Exception) -> None:
        self.awkward = awkward
        self.sizes: list[int] = []
        self.redelivered = 0

    async def __call__(self, tx: Transaction, batch: Sequence[Received]) -> None:
        self.sizes.append(len(batch))
        for each in batch:
            assert isinstance(each.message, Noted)
            self.redelivered += each.raw.redelivered
            note = each.message.text
            await tx.session.execute(
                text("INSERT INTO effects VALUES (:key, :note)"), {"key": each.key, "note": note}
            )
            if note in self.awkward:
                raise self.awkward[note]


@pytest.fixture(autouse=True)
def _disarmed() -> Iterator[None]:
    yield
    failpoints.arm("")


@pytest.fixture(autouse=True)
def _declared(amqp: SecretStr) -> None:
    """Every test here finds the queues declared."""


@pytest_asyncio.fixture
async def relayed(database: Database, amqp: SecretStr, running: Running) -> AsyncIterator[None]:
    """A relay that runs beside the intake, on a broker connection of its own."""
    broker = Broker(amqp, name="relay")
    async with running(Relay(database, broker)):
        yield
    await broker.close()


async def _publish(amqp: SecretStr, *notes: str, message_id: str | None = None) -> None:
    for note in notes:
        await publish(
            amqp.get_secret_value(),
            EVENTS,
            Noted.TYPE,
            Noted(text=note).encode(),
            message_id=message_id,
            type=Noted.TYPE,
        )


def _has(database: Database, number: int, where: str = "true") -> "Check":
    return Check(database, number, where)


class Check:
    """True once so many effects are committed."""

    def __init__(self, database: Database, number: int, where: str) -> None:
        self._database, self._number, self._where = database, number, where

    async def __call__(self) -> bool:
        return await count(self._database, "effects", self._where) >= self._number


async def _left(broker: Broker) -> int:
    """Messages left in the queue after everything was settled."""
    async with broker.consuming() as channel:
        queue = await channel.declare_queue(QUEUE, passive=True)
    return queue.declaration_result.message_count or 0


async def test_each_message_has_its_effect_once(
    database: Database,
    broker: Broker,
    running: Running,
    relayed: None,
) -> None:
    del relayed
    notebook = Notebook()
    async with running(Intake(broker, database, QUEUE, notebook)):
        async with database.transaction() as tx:
            for number in range(500):
                tx.send(Noted(text=str(number)), cause=CAUSE)
        await looked(_has(database, 500))
    assert (await count(database, "effects"), await count(database, "inbox")) == (500, 500)
    assert max(notebook.sizes) > 1
    assert notebook.sizes[0] == 1
    assert await _left(broker) == 0


async def test_duplicate_deliveries_have_one_effect(
    database: Database, broker: Broker, amqp: SecretStr, running: Running
) -> None:
    message_id = str(uuid4())
    async with running(Intake(broker, database, QUEUE, Notebook())):
        await asyncio.gather(*(_publish(amqp, "same", message_id=message_id) for _ in range(10)))
        await _publish(amqp, "last")
        await looked(_has(database, 1, "note = 'last'"))
    assert await count(database, "effects", "note = 'same'") == 1
    assert await _left(broker) == 0


async def test_poison_is_parked_with_its_reason_and_good_messages_go_on(
    database: Database,
    broker: Broker,
    amqp: SecretStr,
    running: Running,
    relayed: None,
) -> None:
    del relayed
    notebook = Notebook(bad=Unprocessable("no_vault", "There is no such vault.", "Create it."))
    await _publish(amqp, "a", "b", "bad", "c")
    await publish(amqp.get_secret_value(), EVENTS, Noted.TYPE, b"{", message_id="x", headers={"mine": 1})
    async with running(Intake(broker, database, QUEUE, notebook)):
        await looked(_has(database, 3))
        parked = await take_messages(amqp, PARKED_QUEUE, 2)
    by_code = {message.headers["drawbridge-code"]: message for message in parked}
    assert set(by_code) == {"no_vault", "no_envelope"}
    assert by_code["no_vault"].headers["drawbridge-reason"] == "There is no such vault."
    assert by_code["no_vault"].headers["drawbridge-advice"] == "Create it."
    assert by_code["no_vault"].headers["drawbridge-queue"] == QUEUE
    assert by_code["no_vault"].body == Noted(text="bad").encode()
    assert (by_code["no_envelope"].id, by_code["no_envelope"].body) == ("x", b"{")
    assert by_code["no_envelope"].headers["mine"] == 1
    assert await count(database, "effects", "note = 'bad'") == 0
    assert await count(database, "inbox") == 3


async def test_parked_message_can_be_replayed_under_its_id(
    database: Database,
    broker: Broker,
    amqp: SecretStr,
    running: Running,
    relayed: None,
) -> None:
    del relayed
    notebook = Notebook(bad=Unprocessable("no_vault", "There is no such vault."))
    await _publish(amqp, "bad")
    async with running(Intake(broker, database, QUEUE, notebook)):
        [parked] = await take_messages(amqp, PARKED_QUEUE, 1)
        notebook.awkward.clear()
        async with database.transaction() as tx:
            properties = Properties(message_id=parked.id, type=parked.type)
            tx.send_raw(RawOutgoing("", QUEUE, parked.body, {}, properties))
        await looked(_has(database, 1, "note = 'bad'"))


async def test_unexpected_failure_is_dead_lettered_by_the_broker_after_its_limit(
    database: Database, broker: Broker, amqp: SecretStr, running: Running
) -> None:
    notebook = Notebook(bug=ZeroDivisionError())
    await _publish(amqp, "a", "bug", "b")
    async with running(Intake(broker, database, QUEUE, notebook)):
        await looked(_has(database, 2))
        [dead] = await take_messages(amqp, PARKED_QUEUE, 1)
    assert dead.body == Noted(text="bug").encode()
    assert dead.headers["drawbridge-died-in"] == QUEUE
    assert dead.headers["drawbridge-died-of"] == "delivery_limit"
    assert await count(database, "inbox") == 2


async def test_batch_with_several_bad_ones_loses_only_those(
    database: Database,
    broker: Broker,
    amqp: SecretStr,
    running: Running,
    relayed: None,
) -> None:
    del relayed
    bad = {f"bad{n}": Unprocessable("bad", "It is bad.") for n in range(5)}
    async with running(Intake(broker, database, QUEUE, Notebook(**bad))):
        async with database.transaction() as tx:
            for number in range(200):
                tx.send(Noted(text=f"bad{number // 40}" if number % 40 == 7 else str(number)), cause=CAUSE)
        await looked(_has(database, 195))
        assert len(await take_messages(amqp, PARKED_QUEUE, 5)) == 5
    assert await _left(broker) == 0


async def _is_empty(broker: Broker) -> bool:
    return await _left(broker) == 0


@pytest.mark.parametrize(
    "place", ["intake.before_commit", "intake.after_commit", "intake.before_ack", "intake.after_ack"]
)
async def test_failure_at_any_place_has_no_double_effect(
    database: Database, amqp: SecretStr, running: Running, place: str
) -> None:
    await _publish(amqp, "a", "b")
    failpoints.arm(f"{place}=raise:1")
    first = Broker(amqp, name="first")
    stop = asyncio.Event()
    task = asyncio.create_task(Intake(first, database, QUEUE, Notebook()).run(stop))
    await looked(_has(database, 1))
    stop.set()
    result = (await asyncio.gather(task, return_exceptions=True))[0]
    assert result is None or (isinstance(result, Exception) and is_transient(result))
    await first.close()
    second = Broker(amqp, name="second")
    async with running(Intake(second, database, QUEUE, Notebook())):
        await looked(_has(database, 2))
    assert await count(database, "effects") == 2
    assert await _left(second) == 0
    await second.close()


async def test_batch_waits_while_the_database_is_away(
    database: Database, broker: Broker, amqp: SecretStr, running: Running
) -> None:
    notebook = Notebook(slow=ConnectionError("the database is away"))
    intake = Intake(broker, database, QUEUE, notebook)
    async with running(intake):
        await _publish(amqp, "slow")

        async def waiting() -> bool:
            return not intake.ready()

        async def ready() -> bool:
            return intake.ready()

        await looked(waiting)
        notebook.awkward.clear()
        await looked(_has(database, 1))
        await looked(ready)
    assert notebook.redelivered == 0


async def test_redelivered_messages_come_one_by_one(
    database: Database, broker: Broker, amqp: SecretStr, running: Running
) -> None:
    await _publish(amqp, *(str(number) for number in range(20)))
    held = asyncio.Event()

    async def hold(_message: object) -> None:
        held.set()

    async with broker.consuming() as channel:
        await channel.set_qos(prefetch_count=20)
        queue = await channel.get_queue(QUEUE, ensure=False)
        await queue.consume(hold)
        await held.wait()
        await asyncio.sleep(0.2)
    notebook = Notebook()
    async with running(Intake(broker, database, QUEUE, notebook)):
        await looked(_has(database, 20))
    assert (notebook.redelivered, max(notebook.sizes)) == (20, 1)


async def test_reused_id_is_parked(
    database: Database, broker: Broker, amqp: SecretStr, running: Running, relayed: None
) -> None:
    del relayed

    def by_text(raw: RawMessage) -> Received:
        read = decode_envelope(raw)
        return Received(read.key, read.envelope, read.message, raw, fingerprint=raw.body.decode())

    decode: Decode = by_text
    message_id = str(uuid4())
    async with running(Intake(broker, database, QUEUE, Notebook(), decode=decode)):
        await _publish(amqp, "a", "a", "b", message_id=message_id)
        [parked] = await take_messages(amqp, PARKED_QUEUE, 1)
    assert (parked.headers["drawbridge-code"], parked.body) == ("id_reused", Noted(text="b").encode())
    assert await count(database, "effects") == 1


async def test_stop_settles_what_was_delivered(
    database: Database,
    broker: Broker,
    running: Running,
    relayed: None,
) -> None:
    del relayed
    async with running(Intake(broker, database, QUEUE, Notebook())) as stop:
        async with database.transaction() as tx:
            for number in range(400):
                tx.send(Noted(text=str(number)), cause=CAUSE)
        await looked(_has(database, 50))
        stop.set()
    done = await count(database, "effects")

    async def all_there() -> bool:
        return done + await _left(broker) == 400

    await looked(all_there)
    async with running(Intake(broker, database, QUEUE, Notebook())):
        await looked(_has(database, 400))
        await looked(lambda: _is_empty(broker))
    assert await count(database, "effects") == 400


async def test_stops_and_starts_under_load_lose_nothing(
    database: Database, broker: Broker, running: Running, relayed: None
) -> None:
    del relayed
    async with database.transaction() as tx:
        for number in range(3000):
            tx.send(Noted(text=str(number)), cause=CAUSE)
    for _ in range(6):
        done = await count(database, "effects")
        async with running(Intake(broker, database, QUEUE, Notebook())):
            await looked(_has(database, min(3000, done + 300)))
    async with running(Intake(broker, database, QUEUE, Notebook())):
        await looked(_has(database, 3000))
        await looked(lambda: _is_empty(broker))
    assert await count(database, "effects") == 3000


async def test_deleted_queue_ends_the_intake_as_a_lost_connection(database: Database, broker: Broker) -> None:
    intake = Intake(broker, database, QUEUE, Notebook())
    task = asyncio.create_task(intake.run(asyncio.Event()))

    async def consuming() -> bool:
        return intake.ready()

    await looked(consuming)
    async with broker.publishing() as channel:
        await channel.queue_delete(QUEUE)
    async with asyncio.timeout(30):
        [error] = await asyncio.gather(task, return_exceptions=True)
    assert isinstance(error, Exception)
    assert is_transient(error)
    assert not intake.ready()


async def test_message_whose_statement_always_times_out_does_not_hold_up_the_others(
    database: Database, broker: Broker, amqp: SecretStr, running: Running
) -> None:
    async def handle(tx: Transaction, batch: Sequence[Received]) -> None:
        await Notebook()(tx, batch)
        if any(each.message == Noted(text="slow") for each in batch):
            await tx.session.execute(text("SET LOCAL statement_timeout = '20ms'"))
            await tx.session.execute(text("SELECT pg_sleep(1)"))

    await _publish(amqp, "a", "slow", "b")
    async with running(Intake(broker, database, QUEUE, handle)):
        await looked(_has(database, 1, "note = 'b'"))
    assert await count(database, "effects", "note = 'slow'") == 0
