"""Rows for ``matching``: imported invoices, a SQL ledger beside them, and the bare SQL that joins the two."""

import time
from dataclasses import dataclass

from tests.bench.place import Connection
from tests.factories.payments import vault_state

PRESET = """
title: Bench books
payment_rows: |
  SELECT payment_id, number, paid_on AS date, 'check' AS method, 'OPER' AS bank_account, 'posted' AS state,
         vendor AS vendor_code, NULL AS payee, NULL AS joint_payee, stamp AS changed_at, bill_id, cash,
         discount, credit, vendor || '/' || number AS reversal_key
  FROM ledger.pay
bills: |
  SELECT id, vendor AS vendor_code, number AS invoice_number, total, 0 AS paid, total AS balance,
         0 AS retainage, 0 AS voided, NULL AS date
  FROM ledger.bill
"""
"""How a user would show these books to Drawbridge."""

_TABLES = """
CREATE SCHEMA ledger;
CREATE TABLE ledger.bill (id text PRIMARY KEY, vendor text, number text, total numeric(14, 2));
CREATE TABLE ledger.pay (payment_id text, number text, paid_on date, vendor text, stamp timestamp,
    bill_id text, cash numeric(14, 2), discount numeric(14, 2), credit numeric(14, 2));
"""

_INVOICES = """
INSERT INTO payments.invoices (id, vault_id, version, told_at, imported, project_id, commitment_id,
    requisition_id, vendor_code, vendor_key, invoice_number, net_due, retainage_held, currency, match_keys,
    told_by, changed_at)
SELECT gen_random_uuid(), 'main', 1, now(), true, 1 + n % 50, 1 + n / 10, 1000 + n, vendor, vendor,
    'INV-' || lpad(n::text, 7, '0'), 1000, 0, 'USD',
    ARRAY[vendor || '|=INV-' || lpad(n::text, 7, '0'), vendor || '|inv' || n], gen_random_uuid(), now()
FROM (SELECT n, 'V' || lpad((n / 2 % 500)::text, 4, '0') AS vendor
      FROM generate_series(0, $1::int - 1) AS n) AS numbered
"""

_BILLS = """
INSERT INTO ledger.bill
SELECT 'B' || n, CASE WHEN n < $1 THEN 'V' ELSE 'W' END || lpad((n / 2 % 500)::text, 4, '0'),
    CASE WHEN n % 10 = 3 THEN 'inv ' || n ELSE 'INV-' || lpad(n::text, 7, '0') END, 1000
FROM generate_series(0, 2 * $1::int - 1) AS n
"""
"""Half of them are the imported invoices'; the clerk typed one number in ten in his own way."""

_PAYMENTS = """
INSERT INTO ledger.pay
SELECT 'P' || n / 2, (10000 + n / 2)::text, stamp::date, vendor, stamp, id,
    CASE WHEN n % 7 = 0 THEN 390 ELSE 400 END, CASE WHEN n % 7 = 0 THEN 10 ELSE 0 END, 0
FROM (SELECT n, 'B' || n % (2 * $2::int) AS id,
        localtimestamp - interval '2 years' + n / 2 * (interval '2 years' / ($1::int / 2)) AS stamp
      FROM generate_series(0, $1::int - 1) AS n) AS numbered
JOIN ledger.bill USING (id)
"""
"""Two years of checks, each over two bills of one vendor."""

_INDEXES = """
CREATE INDEX ON ledger.pay (payment_id);
CREATE INDEX ON ledger.pay (bill_id);
"""

_BARE = (
    """
    INSERT INTO bare.bills
    SELECT 'main', b.id, b.vendor, b.vendor, b.number, b.total, 0, 'USD', false, now(), i.id,
        'invoice_number', 'Vendor and invoice number are the same in both.', '', '[]', '[]',
        false
    FROM ledger.bill b LEFT JOIN payments.invoices i ON i.vault_id = 'main' AND i.vendor_key = b.vendor
        AND i.invoice_number = b.number
    """,
    """
    INSERT INTO bare.ledger_payments
    SELECT DISTINCT ON (payment_id) 'main', payment_id, number, paid_on, 'check', 'OPER', NULL, NULL, true,
        false, now()
    FROM ledger.pay ORDER BY payment_id
    """,
    """
    INSERT INTO bare.allocations (id, vault_id, ledger, payment_id, bill_id, cash, discount, credit, currency,
        gone, read_at, write_state, proven, linked, overridden, note, version)
    SELECT md5('main' || payment_id || bill_id)::uuid, 'main', 'books', payment_id, bill_id, sum(cash),
        sum(discount), sum(credit), 'USD', false, now(), 'not_needed', true, true, '[]', '', 0
    FROM ledger.pay GROUP BY payment_id, bill_id
    """,
)
"""The same rows into the same tables with the same indexes, by nothing but SQL."""


@dataclass(frozen=True)
class Size:
    """How much there is; there are twice as many bills as invoices."""

    allocations: int
    invoices: int


async def fill(connection: Connection, size: Size, company_id: int) -> None:
    """A vault, its invoices, and two years of the ledger."""
    state = vault_state(company_id)
    await connection.execute(
        "INSERT INTO payments.vaults (id, version, told_at, settings) VALUES ('main', 1, now(), $1::jsonb)",
        state.settings.model_dump_json(),
    )
    await connection.execute(_INVOICES, size.invoices)
    await connection.execute(_TABLES)
    await connection.execute(_BILLS, size.invoices)
    await connection.execute(_PAYMENTS, size.allocations, size.invoices)
    await connection.execute(_INDEXES)
    await connection.execute("VACUUM ANALYZE")


async def bare_seconds(connection: Connection) -> float:
    """How long the bare join and insert take, into copies of the tables."""
    await connection.execute("CREATE SCHEMA bare")
    for table in ("bills", "ledger_payments", "allocations"):
        await connection.execute(f"CREATE TABLE bare.{table} (LIKE payments.{table} INCLUDING ALL)")
    started = time.perf_counter()
    for statement in _BARE:
        await connection.execute(statement)
    seconds = time.perf_counter() - started
    await connection.execute("DROP SCHEMA bare CASCADE")
    return seconds


async def writes(connection: Connection) -> int:
    """Rows of facts, ties and effects ever written; a run's own record is none of them."""
    found: int = await connection.fetchval(
        "SELECT sum(n_tup_ins + n_tup_upd + n_tup_del)::bigint FROM pg_stat_user_tables"
        " WHERE schemaname = 'payments' AND relname IN ('bills', 'ledger_payments', 'allocations',"
        " 'invoice_payments', 'commitments', 'foreign_covers', 'cursors')"
    )
    return found
