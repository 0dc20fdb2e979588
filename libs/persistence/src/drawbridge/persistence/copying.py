"""COPY: how many new rows reach a table with the least work for both sides, in PostgreSQL's text format."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from itertools import batched
from typing import cast

from sqlalchemy import Table
from sqlalchemy.ext.asyncio import AsyncSession

from drawbridge.persistence.connecting import OwnConnection

_NULL = "\\N"
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_LINES = 1_000
"""So many lines are handed to the driver at once."""


def copy_column(values: Sequence[object]) -> list[str]:
    """One column as fields of lines: what ``str`` makes of each value, and null for ``None``."""
    texts = ["" if value is None else str(value) for value in values]
    if _needs_escapes("".join(texts)):
        texts = [text.translate(_ESCAPES) for text in texts]
    if None not in values:
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
    begun with a statement of its own. The lines are made in a thread.

    Raises:
        asyncpg.PostgresError: when PostgreSQL refuses a line; none of them is inserted then.
    """
    same = same or {}
    lines = await asyncio.to_thread(_lines, list(columns.values()), list(same.values()))
    raw = await (await session.connection()).get_raw_connection()
    connection = cast("OwnConnection", raw.driver_connection)
    if not connection.is_in_transaction():
        raise RuntimeError("The rows would be inserted outside the session's transaction.")
    await connection.copy_to_table(
        table.name, schema_name=table.schema, columns=[*columns, *same], source=_encoded(lines)
    )


def _lines(columns: Sequence[Sequence[object]], same: Sequence[object]) -> list[str]:
    told = copy_lines([copy_column(values) for values in columns])
    if not same:
        return told
    [end] = copy_lines([copy_column([value]) for value in same])
    return copy_lines([told, [end] * len(told)])


async def _encoded(lines: Iterable[str]) -> AsyncIterator[bytes]:
    for some in batched(lines, _LINES):
        yield ("\n".join(some) + "\n").encode()


def _needs_escapes(text: str) -> bool:
    return any(character in text for character in "\\\t\n\r")
