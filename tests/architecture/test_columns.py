"""Columns of every service: wide ids, exact money, instants with a zone, text instead of native enums."""

import enum
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from importlib import import_module

import pytest
from sqlalchemy import Column, DateTime, Enum, Float, Integer, MetaData, Numeric
from sqlmodel import Field, SQLModel

from drawbridge.persistence import service_metadata

SERVICES = ("gateway", "import_service", "cloud_service", "payment_backfiller")
_OWN_NUMBERS = {"epoch.id"}
"""Ids that nobody else gives and that are always small."""


def offences(metadata: MetaData) -> Iterator[str]:
    """Each column with a type that loses something, and why."""
    for table in metadata.tables.values():
        for column in table.columns:
            place = f"{table.name}.{column.name}"
            if place not in _OWN_NUMBERS and (problem := _problem(column)):
                yield f"{place}: {problem}"


def _problem(column: Column[object]) -> str:
    kind, name = column.type, column.name
    if type(kind).__name__ in ("Integer", "SmallInteger", "INTEGER") and (
        name == "id" or name.endswith("_id")
    ):
        return "an id of somebody else needs more than 32 bits"
    if isinstance(kind, DateTime) and not kind.timezone:
        return "an instant needs its zone"
    if isinstance(kind, Enum):
        return "a native enum stores names, and can hardly be changed: use text"
    if isinstance(kind, Float):
        return "a float cannot hold money"
    if isinstance(kind, Numeric) and (kind.precision, kind.scale) not in ((20, 4), (24, 8)):
        return "a number without a chosen size is unbounded, or rounded in silence"
    return ""


@pytest.mark.parametrize("service", SERVICES)
def test_no_column_of_a_service_loses_anything(service: str) -> None:
    import_module(f"drawbridge.{service}.wiring")
    metadata = import_module(f"drawbridge.{service}.store.tables").metadata
    assert len(metadata.tables) > len(service_metadata("x").tables)
    assert list(offences(metadata)) == []


def test_planted_columns_are_found() -> None:
    class Status(enum.Enum):
        OPEN = "open"

    class _Planted(SQLModel):
        metadata = service_metadata("planted")

    class _Row(_Planted, table=True):
        __tablename__ = "rows"
        key: str = Field(primary_key=True)
        requisition_id: int
        seen_at: datetime = Field(sa_type=DateTime)
        status: Status
        rate: float
        amount: Decimal
        counted: int = Field(sa_type=Integer)

    assert [each.partition(":")[0] for each in offences(_Planted.metadata)] == [
        "rows.requisition_id",
        "rows.seen_at",
        "rows.status",
        "rows.rate",
        "rows.amount",
    ]
