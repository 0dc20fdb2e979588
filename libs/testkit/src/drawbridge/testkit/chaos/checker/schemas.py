"""Read-only queries over all four schemas: what only the core's own tables can say."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import asyncpg

from drawbridge.contracts.topology import REPROCESS_QUEUE, TOPOLOGY, Queue
from drawbridge.testkit.stack.configuration import SCHEMAS

_LONG_LIVED = ("sync_project", "list_projects", "retry_import")
"""Work that is always there, because it comes back on a schedule."""

_UNFINISHED = """
SELECT kind || ' ' || subject AS what, attempts, waiting_reason, last_error FROM {schema}.work_items
WHERE NOT kind = ANY($1::text[])
"""
_LAG = """
SELECT extract(epoch FROM published_at - created_at)::float8 AS lag FROM {schema}.outbox
WHERE created_at BETWEEN $1 AND $2 AND published_at IS NOT NULL
"""


class Schemas:
    """The schemas of one installation, seen by an administrator who may only read."""

    def __init__(self, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
        self._connection = connection

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str) -> AsyncIterator["Schemas"]:
        """Connect to the installation's database."""
        connection = await asyncpg.connect(url, server_settings={"default_transaction_read_only": "on"})
        try:
            yield cls(connection)
        finally:
            await connection.close()

    async def unsent(self) -> list[str]:
        """Committed messages that never went out."""
        sql = "SELECT type || ' ' || id AS what FROM {schema}.outbox WHERE published_at IS NULL"
        return [row["what"] for row in await self._everywhere(sql)]

    async def sent(self) -> list[tuple[str, str, str]]:
        """(id, exchange, routing key) of every envelope that went out; parked and replayed ones are not."""
        sql = "SELECT id, exchange, routing_key FROM {schema}.outbox WHERE properties IS NULL"
        return [(str(row["id"]), row["exchange"], row["routing_key"]) for row in await self._everywhere(sql)]

    async def taken(self) -> dict[str, set[str]]:
        """The ids that each queue's reader has taken, by queue; without the public door's."""
        sql = "SELECT key FROM {schema}.inbox"
        found: dict[str, set[str]] = {queue.name: set() for queue in inner_queues()}
        for row in await self._everywhere(sql):
            queue, _, identity = row["key"].partition("/")
            if queue in found:
                found[queue].add(identity)
        return found

    async def joined(self) -> set[str]:
        """Ids of messages that joined an unfinished request."""
        sql = "SELECT payload FROM cloud.outbox WHERE type = 'drawbridge.request.joined.v1'"
        return {json.loads(row["payload"])["message_id"] for row in await self._connection.fetch(sql)}

    async def unfinished(self) -> list[dict[str, Any]]:
        """Work items that are not done, but for those that come back on a schedule."""
        rows = await self._everywhere(_UNFINISHED, list(_LONG_LIVED))
        return [dict(row) for row in rows]

    async def lags(self, begin: datetime, end: datetime) -> list[float]:
        """Seconds from commit to confirm, of the messages committed in that time."""
        return [row["lag"] for row in await self._everywhere(_LAG, begin, end)]

    async def _everywhere(self, sql: str, *values: object) -> list[asyncpg.Record]:
        found: list[asyncpg.Record] = []
        for schema in SCHEMAS.values():
            found += await self._connection.fetch(sql.format(schema=schema), *values)
        return found


def inner_queues() -> list[Queue]:
    """The queues between our services: what goes in must be in an outbox, and come out once."""
    return [
        queue
        for queue in TOPOLOGY.queues
        if queue.dead_lettered and queue.name != REPROCESS_QUEUE and queue.bindings
    ]
