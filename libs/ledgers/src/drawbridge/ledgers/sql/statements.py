"""What is asked of a SQL ledger: a preset's two SELECTs, with conditions on their columns.

Everything here is text of the deployment's own files and of this module; values are always bound.
"""
# ruff: noqa: S608  see above

from drawbridge.ledgers.sql.preset import Preset


def changes(preset: Preset, condition: str) -> str:
    """The id, the latest stamp and one bill of every payment that fits the condition."""
    return f"""
        SELECT payment_id, MAX(changed_at) AS changed_at, MAX(bill_id) AS bill_id
        FROM {_payment_rows(preset)} WHERE {condition} GROUP BY payment_id
    """


def count_changes(preset: Preset, condition: str) -> str:
    """How many rows fit the condition."""
    return f"SELECT COUNT(*) AS many FROM {_payment_rows(preset)} WHERE {condition}"


def in_order(preset: Preset, stamp: str, condition: str) -> str:
    """All rows of the payments that fit the condition, payment by payment, the oldest change first.

    ``latest`` is the latest ``stamp`` of a row's payment, ``unstamped`` is 1 where one of its rows has none.
    """
    return f"""
        SELECT * FROM (
            SELECT payment_rows.*, MAX({stamp}) OVER (PARTITION BY payment_id) AS latest,
                   MAX(CASE WHEN {stamp} IS NULL THEN 1 ELSE 0 END)
                   OVER (PARTITION BY payment_id) AS unstamped
            FROM {_payment_rows(preset)}
        ) ordered
        WHERE {condition}
        ORDER BY CASE WHEN latest IS NULL THEN 0 ELSE 1 END, latest, payment_id
    """


def reversed_families(preset: Preset) -> str:
    """All rows of the payments that share a ``reversal_key`` with a negative row."""
    rows = _payment_rows(preset)
    return f"""
        SELECT * FROM {rows} WHERE payment_id IN (
            SELECT payment_id FROM {rows} WHERE reversal_key IN (
                SELECT reversal_key FROM {rows}
                WHERE reversal_key IS NOT NULL AND (cash < 0 OR discount < 0 OR credit < 0)
            )
        )
    """


def payments_of_bills(preset: Preset) -> str:
    """The ids of the payments that touch the bills ``:ids``."""
    return f"SELECT DISTINCT payment_id FROM {_payment_rows(preset)} WHERE bill_id IN :ids"


def nameless(preset: Preset) -> str:
    """All rows on the bills ``:ids`` that belong to no payment."""
    return f"SELECT * FROM {_payment_rows(preset)} WHERE bill_id IN :ids AND payment_id IS NULL"


def partners(preset: Preset) -> str:
    """The ids of the payments with rows on the bills ``:ids`` under one of the reversal ``:keys``."""
    return f"""
        SELECT DISTINCT payment_id FROM {_payment_rows(preset)}
        WHERE bill_id IN :ids AND reversal_key IN :keys
    """


def payments(preset: Preset) -> str:
    """All rows of the payments ``:ids``."""
    return f"SELECT * FROM {_payment_rows(preset)} WHERE payment_id IN :ids"


def bills(preset: Preset, column: str) -> str:
    """The bills with one of ``:ids`` in the column."""
    return f"SELECT * FROM {_bills(preset)} WHERE {column} IN :ids ORDER BY id"


def every_payment_row(preset: Preset) -> str:
    """All of ``payment_rows``."""
    return f"SELECT * FROM {_payment_rows(preset)}"


def every_bill(preset: Preset) -> str:
    """All of ``bills``."""
    return f"SELECT * FROM {_bills(preset)}"


def _payment_rows(preset: Preset) -> str:
    """A subquery and no WITH: PostgreSQL reads a WITH that is named twice to its end, without an index."""
    return f"({preset.payment_rows}) payment_rows"


def _bills(preset: Preset) -> str:
    return f"({preset.bills}) bills"
