"""What lies at the public door for the benchmarks: reprocess messages, one in ten of them a repeat."""

import json
from random import Random
from uuid import UUID

import aio_pika
from pydantic import SecretStr
from sqlalchemy import BigInteger, bindparam, text
from sqlalchemy.dialects.postgresql import JSONB

from drawbridge.cloud_service.store.tables import SCHEMA
from drawbridge.cloud_service.store.vaults import save_settings
from drawbridge.contracts.message import PUBLIC
from drawbridge.persistence import Database
from drawbridge.testkit.servers import Servers
from tests.bench.bare.publishing import publish_all
from tests.bench.place import Place, Template
from tests.factories.cloud import BIG, DAWN, PROJECT, row_state, vault_state

VAULT = "main"
REPEATS = 0.1
PACKAGE = "drawbridge.cloud_service"


async def template(servers: Servers) -> Template:
    """The schema ``cloud`` with one vault that imports by itself, and whose rows are known."""
    made = await Template.of(servers, PACKAGE, SCHEMA)
    database = open_database(Place(made.url, made.url))
    async with database.transaction() as tx:
        await save_settings(tx, [(vault_state(vault_id=VAULT), DAWN)])
        values = {"first": BIG, "last": BIG + _KNOWN, "data": row_state().row.model_dump(mode="json")}
        await tx.session.execute(_ROWS, values)
    await database.dispose()
    return made


_KNOWN = 50_000
_NUMBERS = [bindparam(name, type_=BigInteger) for name in ("first", "last")]
_ROWS = text("""
INSERT INTO procore_invoices (vault_id, requisition_id, version, told_at, import_state, data)
SELECT 'main', id, 1, now(), 'not_imported', CAST(:data AS jsonb) FROM generate_series(:first, :last) AS id
""").bindparams(
    bindparam("data", type_=JSONB), bindparam("first", type_=BigInteger), bindparam("last", type_=BigInteger)
)


def open_database(place: Place) -> Database:
    """The database as cloud-service opens it."""
    return Database(place.database_url, schema=SCHEMA, service="cloud-service")


def messages(count: int, *, seed: int = 1) -> list[aio_pika.Message]:
    """So many deliveries in a mixed order."""
    chance = Random(seed)
    originals = [_message(number, chance) for number in range(count - int(count * REPEATS))]
    mixed = originals + chance.sample(originals, count - len(originals))
    chance.shuffle(mixed)
    return mixed


def originals(count: int) -> int:
    """How many of so many deliveries are not repeats."""
    return count - int(count * REPEATS)


async def fill(url: SecretStr, count: int) -> None:
    """Put so many messages into the public queue."""
    await publish_all(url, PUBLIC, "reprocess", messages(count))


def _message(number: int, chance: Random) -> aio_pika.Message:
    body = {
        "vault_id": VAULT,
        "project_id": PROJECT,
        "requisition_id": BIG + number,
        "requested_by": "someone@example.com",
    }
    return aio_pika.Message(
        json.dumps(body).encode(),
        message_id=str(UUID(int=chance.getrandbits(128), version=4)),
        content_type="application/json",
        delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
    )
