"""Rows for the benchmarks of the grid: so many of one vault, in one project or in many."""

import json
import random

import asyncpg

from drawbridge.persistence import Database
from tests.factories.gateway import REQUISITION, grid_row

PART = 50_000
"""Rows in one statement."""

_ROWS = """
INSERT INTO gateway.procore_invoices (vault_id, requisition_id, version, told_at, company_id, project_id,
    commitment_id, billing_date, procore_created_at, day, updated_at, vendor, invoice_number, commitment,
    net_due, import_state, payment_state, drift, data)
SELECT 'main', id, 1, now(), 7, 1 + n % $1::int, n % 20000, day, now(), day,
    timestamptz '2026-01-01' + n * interval '7 seconds', 'vendor ' || lpad((n % 1000)::text, 4, '0'),
    'inv-' || lpad(n::text, 8, '0'), 'sc-' || lpad((n % 20000)::text, 5, '0'), n % 90000,
    CASE WHEN n % 100 = 0 THEN 'error' WHEN n % 10 = 1 THEN 'held' WHEN n % 3 = 0 THEN 'imported'
        ELSE 'not_imported' END,
    CASE WHEN n % 3 = 0 THEN CASE WHEN n % 30 = 0 THEN 'unpaid' ELSE 'paid' END END,
    CASE WHEN n % 200 = 7 THEN 'changed' END, $2::jsonb || jsonb_build_object('requisition_id', id)
FROM (SELECT $3::bigint + n AS id, n, date '2020-01-01' + (n % 2200)::int AS day
      FROM generate_series($4::bigint, $5::bigint) AS n) AS numbered
"""


async def fill_grid(database: Database, count: int, *, projects: int) -> None:
    """So many rows, with all states, spread over six years; on a connection without time limits."""
    data = json.dumps(grid_row(project_name="Riverside Clinic, Phase 2").model_dump(mode="json"))
    connection = await asyncpg.connect(database.url.get_secret_value())
    try:
        for first in range(0, count, PART):
            bounds = (first, min(first + PART, count) - 1)
            await connection.execute(_ROWS, projects, data, REQUISITION, *bounds)
        await connection.execute("VACUUM ANALYZE gateway.procore_invoices")
    finally:
        await connection.close()


def prefix(chance: random.Random) -> str:
    """The beginning of something that is there."""
    return chance.choice(["inv-0000", "vendor 0", "sc-001", f"inv-{chance.randrange(10_000):08}"])
