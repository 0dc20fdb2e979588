"""What is committed to the outbox reaches the broker, at least once and under its one id."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from drawbridge.messaging import Broker, Properties, RawOutgoing, Relay
from drawbridge.persistence import Database
from drawbridge.runtime import failpoints
from tests.component.messaging.conftest import Running
from tests.factories.core import CAUSE, QUEUE, Noted, Unrouted, count
from tests.factories.fault_proxy import FaultProxy
from tests.factories.waiting import looked
from tests.factories.wire import take_messages, take_the_rest

_EARLY = text("""
INSERT INTO outbox (id, aggregatetype, aggregateid, type, exchange, routing_key, payload, headers,
    correlation_id, created_at)
VALUES (gen_random_uuid(), 'note', 'note/main/early', :type, 'drawbridge.events', :type, '{}', '{}',
    'story', now())
RETURNING id
""")


@pytest.fixture(autouse=True)
def _disarmed() -> Iterator[None]:
    yield
    failpoints.arm("")


async def _send(database: Database, *notes: str) -> list[str]:
    async with database.transaction() as tx:
        return [str(tx.send(Noted(text=note), cause=CAUSE)) for note in notes]


async def _send_and_fail(database: Database) -> None:
    async with database.transaction() as tx:
        tx.send(Noted(text="ghost"), cause=CAUSE)
        raise RuntimeError


async def test_message_arrives_with_its_envelope_after_the_commit(
    database: Database, broker: Broker, amqp: SecretStr, running: Running
) -> None:
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    async with running(Relay(database, broker)):
        async with database.transaction() as tx:
            cause = replace(CAUSE, traceparent=trace)
            message_id = str(tx.send(Noted(text="a"), cause=cause))
        [message] = await take_messages(amqp, QUEUE, 1)
    assert (message.id, message.type, json.loads(message.body)) == (message_id, Noted.TYPE, {"text": "a"})
    assert message.headers["ce-subject"] == "note/main/a"
    assert message.headers["ce-specversion"] == "1.0"
    assert message.headers["traceparent"] == trace
    assert await count(database, "outbox", "published_at IS NULL") == 0


async def test_rolled_back_message_never_arrives(
    database: Database, broker: Broker, amqp: SecretStr, running: Running
) -> None:
    async with running(Relay(database, broker)):
        with pytest.raises(RuntimeError):
            await _send_and_fail(database)
        [message_id] = await _send(database, "real")
        messages = await take_messages(amqp, QUEUE, 1)
    messages += await take_the_rest(amqp, QUEUE)
    assert [message.id for message in messages] == [message_id]


async def test_many_messages_arrive_in_the_order_of_sending(
    database: Database, broker: Broker, amqp: SecretStr, running: Running
) -> None:
    ids = await _send(database, *(str(number) for number in range(1000)))
    async with running(Relay(database, broker)):
        messages = await take_messages(amqp, QUEUE, 1000)
    assert [message.id for message in messages] == ids


async def test_message_of_a_slow_transaction_is_not_skipped(
    database: Database, broker: Broker, amqp: SecretStr, running: Running
) -> None:
    async with running(Relay(database, broker)):
        async with database.engine.begin() as slow:
            early = str((await slow.execute(_EARLY, {"type": Noted.TYPE})).scalar_one())
            [late] = await _send(database, "late")
            [first] = await take_messages(amqp, QUEUE, 1)
        messages = await take_messages(amqp, QUEUE, 1)
    assert (first.id, [message.id for message in messages]) == (late, [early])


async def test_only_one_of_two_relays_is_active(
    database: Database, broker: Broker, amqp: SecretStr, running: Running
) -> None:
    async with running(Relay(database, broker)), running(Relay(database, broker)):
        ids = await _send(database, *(str(number) for number in range(300)))
        messages = await take_messages(amqp, QUEUE, 300)
    messages += await take_the_rest(amqp, QUEUE)
    assert [message.id for message in messages] == ids


async def test_standby_takes_over_when_the_active_relay_stops(
    database: Database, broker: Broker, amqp: SecretStr, running: Running
) -> None:
    async with running(Relay(database, broker)) as stop_active:
        await asyncio.sleep(0.1)
        async with running(Relay(database, broker)):
            stop_active.set()
            [message_id] = await _send(database, "a")
            [message] = await take_messages(amqp, QUEUE, 1)
    assert message.id == message_id


async def test_unroutable_message_waits_and_the_others_go_on(
    database: Database, broker: Broker, amqp: SecretStr, running: Running
) -> None:
    async with running(Relay(database, broker)):
        async with database.transaction() as tx:
            tx.send(Unrouted(text="x"), cause=CAUSE)
            message_id = str(tx.send(Noted(text="a"), cause=CAUSE))
        [message] = await take_messages(amqp, QUEUE, 1)
    assert message.id == message_id
    postponed = (
        "published_at IS NULL AND attempts = 1 AND next_attempt_at > now() AND last_error LIKE 'No queue%'"
    )
    assert await count(database, "outbox", postponed) == 1


async def test_unroutable_message_is_set_aside_after_twenty_tries(
    database: Database, broker: Broker, running: Running
) -> None:
    async with database.transaction() as tx:
        tx.send(Unrouted(text="x"), cause=CAUSE)
    async with database.transaction() as tx:
        await tx.session.execute(text("UPDATE outbox SET attempts = 19"))
    async with running(Relay(database, broker)):

        async def quarantined() -> bool:
            return await count(database, "outbox", "attempts = 20 AND quarantined_at IS NOT NULL") == 1

        await looked(quarantined)


async def test_message_for_a_missing_exchange_does_not_hold_up_the_others(
    database: Database, broker: Broker, amqp: SecretStr
) -> None:
    relay = Relay(database, broker)
    stop = asyncio.Event()

    async def keep_running() -> None:
        while not stop.is_set():
            try:
                await relay.run(stop)
            except Exception:  # noqa: BLE001  # the supervisor restarts it just so
                await asyncio.sleep(0.05)

    async with database.transaction() as tx:
        tx.send_raw(RawOutgoing("drawbridge.missing", "k", b"{}", {}, Properties(message_id="lost")))
        tx.send(Noted(text="a"), cause=CAUSE)
    task = asyncio.create_task(keep_running())
    assert len(await take_messages(amqp, QUEUE, 1)) == 1

    async def settled() -> bool:
        return await count(database, "outbox", "published_at IS NULL AND attempts >= 1") == 1

    await looked(settled)
    stop.set()
    await task


@pytest.mark.parametrize("place", [0, 300, 799])
async def test_message_for_a_missing_exchange_does_not_hold_up_hundreds_of_others(
    database: Database, broker: Broker, amqp: SecretStr, place: int
) -> None:
    """It closes the channel under several portions that are on their way."""
    async with database.transaction() as tx:
        for number in range(800):
            if number == place:
                tx.send_raw(RawOutgoing("drawbridge.missing", "k", b"{}", {}, Properties(message_id="lost")))
            tx.send(Noted(text=str(number)), cause=CAUSE)
    relay, stop = Relay(database, broker), asyncio.Event()

    async def keep_running() -> None:
        while not stop.is_set():
            try:
                await relay.run(stop)
            except Exception:  # noqa: BLE001  # the supervisor restarts it just so
                await asyncio.sleep(0.05)

    task = asyncio.create_task(keep_running())

    async def only_the_bad_one_is_left() -> bool:
        bad = "published_at IS NULL AND attempts >= 1 AND exchange = 'drawbridge.missing'"
        left = await count(database, "outbox", "published_at IS NULL")
        return left == 1 and await count(database, "outbox", bad) == 1

    try:
        await looked(only_the_bad_one_is_left)
    finally:
        stop.set()
        await task
    everything = await take_the_rest(amqp, QUEUE)  # some twice: their confirm was lost
    wanted = {json.dumps({"text": str(number)}, separators=(",", ":")).encode() for number in range(800)}
    assert {message.body for message in everything} == wanted
    print(f"800 rows beside a bad one at {place}: {len(everything)} deliveries, 800 of them different")


async def test_crash_between_confirm_and_mark_sends_again_under_the_same_id(
    database: Database, broker: Broker, amqp: SecretStr, running: Running
) -> None:
    [message_id] = await _send(database, "a")
    failpoints.arm("relay.after_publish=raise:1")
    with pytest.raises(failpoints.FailpointError):
        await Relay(database, broker).run(asyncio.Event())
    async with running(Relay(database, broker)):
        messages = await take_messages(amqp, QUEUE, 2)
    assert [message.id for message in messages] == [message_id, message_id]


async def test_one_id_twice_in_the_outbox_is_sent_twice_but_never_at_one_time(
    database: Database, broker: Broker, amqp: SecretStr, running: Running
) -> None:
    twin = Properties(message_id="twin", type=Noted.TYPE)
    async with database.transaction() as tx:
        tx.send_raw(RawOutgoing("", QUEUE, b"1", {}, twin))
        tx.send_raw(RawOutgoing("", "nowhere", b"2", {}, twin))
        tx.send_raw(RawOutgoing("", QUEUE, b"3", {}, twin))
    async with running(Relay(database, broker)):
        messages = await take_messages(amqp, QUEUE, 2)
    assert [message.body for message in messages] == [b"1", b"3"]
    assert await count(database, "outbox", "published_at IS NULL AND payload = '2'") == 1


async def test_relay_that_loses_its_broker_connection_ends_with_a_lost_connection(
    database: Database, broker: Broker, amqp: SecretStr, running: Running
) -> None:
    relay = Relay(database, broker)
    task = asyncio.create_task(relay.run(asyncio.Event()))
    await _send(database, "a")
    assert len(await take_messages(amqp, QUEUE, 1)) == 1
    await broker.close()
    await _send(database, "b")
    error = (await asyncio.gather(task, return_exceptions=True))[0]
    assert isinstance(error, Exception)
    async with running(Relay(database, broker)):
        assert len(await take_messages(amqp, QUEUE, 1)) == 1


async def test_a_cut_is_noticed_while_there_is_nothing_to_publish(
    database: Database, amqp: SecretStr
) -> None:
    async with FaultProxy.before(amqp.get_secret_value()) as (proxy, url):
        broker = Broker(SecretStr(url), name="sample")
        relaying = asyncio.create_task(Relay(database, broker).run(asyncio.Event()))
        await _send(database, "a")
        await take_messages(amqp, QUEUE, 1)
        await proxy.cut()
        async with asyncio.timeout(30):
            with pytest.raises(ConnectionError):
                await relaying
        await broker.close()
