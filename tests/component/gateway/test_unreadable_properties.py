"""What the broker parked because nobody could read its properties is kept, too."""

from drawbridge.contracts.message import DEAD
from drawbridge.testkit.servers import Server
from tests.factories.amqp_clients import http_publish
from tests.factories.gateway import Door
from tests.factories.waiting import looked

NANOSECONDS = 1_700_000_000_000_000_000


async def test_a_parked_message_with_an_unreadable_timestamp_is_kept(
    door: Door, worker: str, rabbitmq_server: Server
) -> None:
    assert rabbitmq_server.management_url is not None
    for body, properties in ((b"odd", {"timestamp": NANOSECONDS}), (b"plain", {})):
        await http_publish(rabbitmq_server.management_url, worker, body, properties, exchange=DEAD)

    async def kept() -> list[dict[str, object]]:
        found: list[dict[str, object]] = (await door.client.get("/v1/parked")).json()["items"]
        return found

    await looked(kept, lambda found: len(found) == 2)
