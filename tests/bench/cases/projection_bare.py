"""The bound of projection: the same rows as the gateway's, by asyncpg with one statement for each table."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import asyncpg
from aio_pika.abc import AbstractIncomingMessage
from pydantic import SecretStr
from pydantic_core import from_json, to_json

from tests.bench.bare.consuming import drain
from tests.bench.place import Connection

_INBOX = """
INSERT INTO inbox (key) SELECT * FROM unnest($1::text[]) ON CONFLICT DO NOTHING RETURNING key
"""
_ROWS = """
INSERT INTO procore_invoices (vault_id, requisition_id, version, told_at, company_id, project_id,
    commitment_id, billing_date, procore_created_at, day, updated_at, vendor, invoice_number, commitment,
    net_due, import_state, data)
SELECT * FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::timestamptz[], $5::bigint[], $6::bigint[],
    $7::bigint[], $8::date[], $9::timestamptz[], $10::date[], $11::timestamptz[], $12::text[], $13::text[],
    $14::text[], $15::numeric[], $16::text[], $17::jsonb[])
ON CONFLICT (vault_id, requisition_id) DO UPDATE SET version = excluded.version,
    told_at = excluded.told_at, company_id = excluded.company_id, project_id = excluded.project_id,
    commitment_id = excluded.commitment_id, billing_date = excluded.billing_date,
    procore_created_at = excluded.procore_created_at, day = excluded.day, updated_at = excluded.updated_at,
    vendor = excluded.vendor, invoice_number = excluded.invoice_number, commitment = excluded.commitment,
    net_due = excluded.net_due, import_state = excluded.import_state, data = excluded.data
WHERE procore_invoices.version < excluded.version
"""
_HISTORY = """
INSERT INTO history (subject, version, what, at, by, detail)
SELECT * FROM unnest($1::text[], $2::bigint[], $3::text[], $4::timestamptz[], $5::text[], $6::text[])
ON CONFLICT DO NOTHING
"""


async def bare_seconds(database_url: SecretStr, amqp_url: SecretStr, queue: str, count: int) -> float:
    """Drain the gateway's queue."""
    connection: Connection = await asyncpg.connect(
        database_url.get_secret_value(), server_settings={"search_path": "gateway"}
    )

    async def work(batch: Sequence[AbstractIncomingMessage]) -> None:
        by_key = {f"{queue}/{each.message_id}": each for each in batch}
        async with connection.transaction():
            new = await connection.fetch(_INBOX, sorted(by_key))
            events = [(from_json(by_key[row["key"]].body), by_key[row["key"]]) for row in new]
            newest = {event["row"]["requisition_id"]: _row(event, message) for event, message in events}
            rows = [newest[key] for key in sorted(newest)]
            await connection.execute(_ROWS, *zip(*rows, strict=True))
            lines = {line[:2]: line for line in (_line(event) for event, _ in events)}
            await connection.execute(_HISTORY, *zip(*lines.values(), strict=True))

    try:
        return await drain(amqp_url, queue, count, work)
    finally:
        await connection.close()


def _row(event: Any, message: AbstractIncomingMessage) -> tuple[Any, ...]:  # noqa: ANN401  # JSON
    row = event["row"]
    day = date.fromisoformat(row["billing_date"])
    return (
        event["vault_id"],
        row["requisition_id"],
        row["version"],
        message.timestamp,
        row["company_id"],
        row["project_id"],
        row["commitment"]["id"],
        day,
        datetime.fromisoformat(row["procore_created_at"]),
        day,
        message.timestamp,
        row["vendor"]["name"].lower(),
        row["invoice_number"].lower(),
        row["commitment"]["number"].lower(),
        Decimal(row["net_due"]),
        row["import_state"],
        to_json(row).decode(),
    )


def _line(event: Any) -> tuple[Any, ...]:  # noqa: ANN401  # JSON
    change, subject = event["change"], f"requisition/{event['vault_id']}/{event['row']['requisition_id']}"
    at = datetime.fromisoformat(change["at"])
    return subject, event["version"], change["what"], at, change["by"], change["detail"]
