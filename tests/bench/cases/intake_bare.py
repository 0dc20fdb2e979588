"""The bound of intake: the same rows as cloud-service's, by asyncpg with one statement for each table."""

from collections.abc import Sequence

import asyncpg
from aio_pika.abc import AbstractIncomingMessage

from drawbridge.contracts.topology import REPROCESS_QUEUE
from tests.bench.bare.consuming import BATCH, drain
from tests.bench.cases.intake_rows import RequestRows, key_of, rows_of
from tests.bench.place import Connection, Place

_INBOX = """
INSERT INTO inbox (key, fingerprint) SELECT * FROM unnest($1::text[], $2::text[])
ON CONFLICT DO NOTHING RETURNING key
"""
_REQUESTS = """
INSERT INTO requests (id, message_id, vault_id, project_id, requisition_id, requested_by, received_at,
    command_id, correlation_id, how, received_from, status, attempts, version)
SELECT *, 'reprocess', 'outside', 'sent', '[]', 1 FROM unnest($1::uuid[], $2::uuid[], $3::text[],
    $4::bigint[], $5::bigint[], $6::text[], $7::timestamptz[], $8::uuid[], $9::text[])
ON CONFLICT (vault_id, requisition_id) WHERE finished_at IS NULL DO NOTHING
"""
_OUTBOX = """
INSERT INTO outbox (id, aggregatetype, aggregateid, type, exchange, routing_key, payload,
    correlation_id, causation_id, created_at, headers)
SELECT *, '{}' FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[],
    $7::bytea[], $8::text[], $9::uuid[], $10::timestamptz[])
"""
_HISTORY = "INSERT INTO own_history SELECT * FROM unnest($1::text[], $2::bigint[], $3::jsonb[])"


async def bare_rate(place: Place, count: int) -> float:
    """Drain the public queue; messages per second."""
    async with connected(place) as connection:

        async def work(batch: Sequence[AbstractIncomingMessage]) -> None:
            await apply_bare(connection, batch)

        return count / await drain(place.amqp_url, REPROCESS_QUEUE, count, work, batch=BATCH)


class connected:  # noqa: N801  # reads like a function
    """A connection in the schema ``cloud``."""

    def __init__(self, place: Place) -> None:
        self._url = place.database_url.get_secret_value()

    async def __aenter__(self) -> Connection:
        self._connection: Connection = await asyncpg.connect(
            self._url, server_settings={"search_path": "cloud"}
        )
        return self._connection

    async def __aexit__(self, *_: object) -> None:
        await self._connection.close()


async def apply_bare(connection: Connection, batch: Sequence[AbstractIncomingMessage]) -> None:
    """One transaction for the batch."""
    by_key = {key_of(each): each for each in batch}
    async with connection.transaction():
        new = await connection.fetch(_INBOX, list(by_key), [""] * len(by_key))
        made = [rows_of(by_key[row["key"]]) for row in new]
        if made:
            await _write(connection, made)


async def _write(connection: Connection, made: Sequence[RequestRows]) -> None:
    await connection.execute(_REQUESTS, *zip(*(each.request for each in made), strict=True))
    outgoing = [row for each in made for row in each.outbox]
    await connection.execute(_OUTBOX, *zip(*outgoing, strict=True))
    await connection.execute(_HISTORY, *zip(*(each.history for each in made), strict=True))
    await connection.execute("SELECT pg_notify('cloud_outbox', '')")
