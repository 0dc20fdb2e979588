"""What was taken from dropped files, in a SQLite file of its own."""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel

from drawbridge.ledgers.drop.files import Parsed
from drawbridge.ledgers.drop.lines import BillLine, PaymentLine
from drawbridge.ledgers.sql.preset import Preset

PRESET = Preset(
    title="CSV/JSON drop",
    payment_rows="SELECT * FROM payment_lines",
    bills="SELECT * FROM bill_lines",
)

_WAIT_SECONDS = 30
_PAYMENT_COLUMNS = [*PaymentLine.model_fields, "changed_at"]
_BILL_COLUMNS = list(BillLine.model_fields)


@contextmanager
def writing(path: Path) -> Iterator[sqlite3.Connection]:
    """Open the books for one writer at a time; all of the block is committed, or nothing."""
    with closing(sqlite3.connect(path, timeout=_WAIT_SECONDS, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        payments, bills = ", ".join(_PAYMENT_COLUMNS), ", ".join(_BILL_COLUMNS)
        connection.execute(f"CREATE TABLE IF NOT EXISTS payment_lines ({payments})")
        connection.execute(f"CREATE TABLE IF NOT EXISTS bill_lines ({bills}, PRIMARY KEY (id))")
        connection.execute("CREATE TABLE IF NOT EXISTS files (name PRIMARY KEY)")
        connection.execute("CREATE INDEX IF NOT EXISTS by_payment ON payment_lines (payment_id)")
        connection.execute("CREATE INDEX IF NOT EXISTS by_bill ON payment_lines (bill_id)")
        yield connection
        connection.execute("COMMIT")


def keep(connection: sqlite3.Connection, parsed: Parsed, now: datetime) -> None:
    """Replace each payment and each bill that a file names; ``now`` is their stamp."""
    stamp = now.astimezone(UTC).isoformat(sep=" ", timespec="microseconds")
    ids = {(line.payment_id,) for line in parsed.payments}
    connection.executemany("DELETE FROM payment_lines WHERE payment_id = ?", sorted(ids))
    payments = ((*row, stamp) for row in _texts(parsed.payments))
    marks = ", ".join("?" * len(_PAYMENT_COLUMNS))
    connection.executemany(f"INSERT INTO payment_lines VALUES ({marks})", payments)  # noqa: S608  only marks
    marks = ", ".join("?" * len(_BILL_COLUMNS))
    connection.executemany(f"INSERT OR REPLACE INTO bill_lines VALUES ({marks})", _texts(parsed.bills))  # noqa: S608  only marks


def known_files(connection: sqlite3.Connection) -> set[str]:
    """The names in the archive of the files that were taken."""
    return {name for (name,) in connection.execute("SELECT name FROM files")}


def remember_file(connection: sqlite3.Connection, name: str) -> None:
    """Note that the file of this name in the archive was taken."""
    connection.execute("INSERT OR IGNORE INTO files VALUES (?)", (name,))


def forget_all(connection: sqlite3.Connection) -> None:
    """Begin anew."""
    for table in ("payment_lines", "bill_lines", "files"):
        connection.execute(f"DELETE FROM {table}")  # noqa: S608  # one of these three


def _texts(lines: Iterable[BaseModel]) -> Iterator[tuple[str | int | None, ...]]:
    """SQLite knows neither decimals nor dates: both stay the exact texts that they are in JSON."""
    return (tuple(line.model_dump(mode="json").values()) for line in lines)
