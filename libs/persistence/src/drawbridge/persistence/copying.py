"""COPY: how many new rows reach a table with the least work for both sides, in PostgreSQL's text format."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from types import NoneType
from typing import cast

from sqlalchemy import Table
from sqlalchemy.ext.asyncio import AsyncSession

from drawbridge.persistence.connecting import OwnConnection

_NULL = "\\N"
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_LINES = 500
"""So many lines are made and handed to the driver at once; the event loop waits for them."""


def copy_column(values: Sequence[object]) -> list[str]:
    """One column as fields of lines: what ``str`` makes of each value, and null for ``None``."""
    texts = list(map(str, values))
    if _needs_escapes("".join(texts)):
        texts = [text.translate(_ESCAPES) for text in texts]
    if NoneType not in map(type, values):  # to look for None itself would compare it with every amount
        return texts
    return [_NULL if value is None else text for value, text in zip(values, texts, strict=True)]


def copy_lines(columns: Iterable[Sequence[str]]) -> list[str]:
    """Lines of these columns of fields (see `copy_column`), without their ends."""
    return list(map("\t".join, zip(*columns, strict=True)))


async def copy_in(
    session: AsyncSession,
    table: Table,
    columns: Mapping[str, Sequence[object]],
    same: Mapping[str, object] | None = None,
) -> None:
    """Insert rows that are given column by column, with the ``same`` values for all of them.

    What else the table has takes its own default. It is part of the session's transaction, which must have
    begun with a statement of its own.

    Raises:
        asyncpg.PostgresError: when PostgreSQL refuses a line; none of them is inserted then.
    """
    raw = await (await session.connection()).get_raw_connection()
    connection = cast("OwnConnection", raw.driver_connection)
    if not connection.is_in_transaction():
        raise RuntimeError("The rows would be inserted outside the session's transaction.")
    same = same or {}
    source = _encoded(list(columns.values()), list(same.values()))
    await connection.copy_to_table(
        table.name, schema_name=table.schema, columns=[*columns, *same], source=source
    )


async def _encoded(columns: Sequence[Sequence[object]], same: Sequence[object]) -> AsyncIterator[bytes]:
    """Some lines at a time: PostgreSQL stores those before while the next ones are made."""
    end = copy_lines([copy_column([value]) for value in same])
    for first in range(0, len(columns[0]), _LINES):
        fields = [copy_column(values[first : first + _LINES]) for values in columns]
        lines = copy_lines([*fields, end * len(fields[0])] if end else fields)
        yield ("\n".join(lines) + "\n").encode()


def _needs_escapes(text: str) -> bool:
    return any(character in text for character in "\\\t\n\r")
