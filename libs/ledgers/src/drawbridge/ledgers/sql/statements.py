"""What is asked of a SQL ledger: a preset's two SELECTs, with conditions on their columns.

Everything here is text of the deployment's own files and of this module; values are always bound.
"""
# ruff: noqa: S608  see above

from drawbridge.ledgers.sql.preset import Preset


def changes(preset: Preset, condition: str) -> str:
    """The id, the latest stamp and one bill of every payment that fits the condition."""
    return f"""
        WITH payment_rows AS ({preset.payment_rows})
        SELECT payment_id, MAX(changed_at) AS changed_at, MAX(bill_id) AS bill_id
        FROM payment_rows WHERE {condition} GROUP BY payment_id
    """


def families(preset: Preset, column: str) -> str:
    """All rows of the payments with one of ``:ids`` in the column, and what may reverse them."""
    return f"""
        WITH payment_rows AS ({preset.payment_rows}),
        chosen AS (SELECT payment_id, reversal_key FROM payment_rows WHERE {column} IN :ids)
        SELECT * FROM payment_rows
        WHERE payment_id IN (SELECT payment_id FROM chosen)
           OR reversal_key IN (SELECT reversal_key FROM chosen WHERE reversal_key IS NOT NULL)
    """


def bills(preset: Preset, column: str) -> str:
    """The bills with one of ``:ids`` in the column."""
    return f"""
        WITH bills AS ({preset.bills})
        SELECT * FROM bills WHERE {column} IN :ids ORDER BY id
    """


def every_payment_row(preset: Preset) -> str:
    """All of ``payment_rows``."""
    return f"WITH payment_rows AS ({preset.payment_rows}) SELECT * FROM payment_rows"


def every_bill(preset: Preset) -> str:
    """All of ``bills``."""
    return f"WITH bills AS ({preset.bills}) SELECT * FROM bills"
