"""What most people write first: SQLAlchemy, one transaction and one ack for each message."""

from collections.abc import Sequence

from aio_pika.abc import AbstractIncomingMessage
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from drawbridge.cloud_service.store.tables import core, requests
from drawbridge.contracts.topology import REPROCESS_QUEUE
from drawbridge.persistence import Database
from tests.bench.bare.consuming import drain
from tests.bench.cases import doorstep
from tests.bench.cases.intake_rows import HISTORY, OUTBOX, REQUESTS, key_of, rows_of
from tests.bench.place import Place


async def naive_rate(place: Place, count: int) -> float:
    """Drain the public queue; messages per second."""
    database = doorstep.open_database(place)

    async def work(batch: Sequence[AbstractIncomingMessage]) -> None:
        await _apply(database, batch[0])

    try:
        return count / await drain(place.amqp_url, REPROCESS_QUEUE, count, work, batch=1)
    finally:
        await database.dispose()


async def _apply(database: Database, message: AbstractIncomingMessage) -> None:
    async with AsyncSession(database.engine) as session, session.begin():
        claim = insert(core.inbox).values(key=key_of(message)).on_conflict_do_nothing()
        claimed = (await session.execute(claim.returning(core.inbox.c.key))).first()
        if claimed is None:
            return
        rows = rows_of(message)
        fixed = {"how": "reprocess", "received_from": "outside", "status": "sent", "attempts": []}
        request = dict(zip(REQUESTS, rows.request, strict=True)) | fixed | {"version": 1}
        await session.execute(insert(requests), request)
        outgoing = [dict(zip(OUTBOX, row, strict=True)) | {"headers": {}} for row in rows.outbox]
        await session.execute(insert(core.outbox), outgoing)
        await session.execute(insert(core.history), dict(zip(HISTORY, rows.history, strict=True)))
