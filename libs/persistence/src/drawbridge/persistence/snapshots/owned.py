"""What a service owns: one declaration for each kind of subject, read in pages by key."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Table, Uuid, and_, func, literal, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from drawbridge.contracts.message import StateEvent
from drawbridge.contracts.values import Change
from drawbridge.persistence.tables import CoreTables

type Key = list[str | int]
"""A primary key as JSON, in the order of its columns."""

type ReadStates = Callable[[AsyncSession, ColumnElement[bool]], Awaitable[Sequence[StateEvent]]]
"""Reads the state of all rows for which a condition on the owner's table holds."""


@dataclass(frozen=True, slots=True)
class Owned:
    """One kind of subject: its table (with a column ``version``; 0 was never told) and how it is read.

    ``subject`` is its name: the first word, then columns of the table. ``read`` may set any ``change``; the
    snapshot puts in the one that the history has.
    """

    model: type[StateEvent]
    table: Table
    subject: tuple[str, ...]
    read: ReadStates

    @property
    def name(self) -> ColumnElement[str]:
        """The subject in SQL."""
        kind, *columns = self.subject
        return func.concat_ws("/", kind, *(self.table.c[each] for each in columns))

    @property
    def told(self) -> ColumnElement[bool]:
        """Whether others have ever heard of a row."""
        return self.table.c.version > 0


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows of a table, as a condition; ``last`` is the key of the last one."""

    rows: ColumnElement[bool]
    last: Key


async def next_page(session: AsyncSession, owned: Owned, after: Key | None, limit: int) -> Page | None:
    """The next rows in the order of their keys; None when there are no more."""
    columns = list(owned.table.primary_key)
    key = tuple_(*columns)
    beyond = [owned.told] if after is None else [owned.told, key > _bound(columns, after)]
    query = select(*columns).where(*beyond).order_by(*columns).limit(limit)
    found = (await session.execute(query)).all()
    if not found:
        return None
    last: Key = [str(each) if isinstance(each, UUID) else each for each in found[-1]]
    return Page(and_(*beyond, key <= _bound(columns, last)), last)


async def count_owned(session: AsyncSession, owned: Sequence[Owned]) -> int:
    """How many subjects there are of all kinds."""
    total = 0
    for each in owned:
        query = select(func.count()).select_from(each.table).where(each.told)
        total += (await session.execute(query)).scalar_one()
    return total


async def with_changes(
    session: AsyncSession, core: CoreTables, states: Sequence[StateEvent], snapshot_id: str
) -> list[StateEvent]:
    """The states as a snapshot tells them: each with the change that led to its version."""
    history = core.history
    wanted = [(state.subject(), state.version) for state in states]
    query = select(history).where(tuple_(history.c.subject, history.c.version).in_(wanted))
    rows = (await session.execute(query)).all()
    changes = {(row.subject, row.version): Change.model_validate(row.change) for row in rows}
    return [
        state.model_copy(
            update={
                "snapshot_id": snapshot_id,
                "change": changes.get((state.subject(), state.version), state.change),
            }
        )
        for state in states
    ]


def _bound(columns: Sequence[ColumnElement[Any]], key: Key) -> ColumnElement[Any]:
    values = [
        literal(UUID(str(value)) if isinstance(column.type, Uuid) else value, column.type)
        for column, value in zip(columns, key, strict=True)
    ]
    return tuple_(*values)
