"""Columns have the types that money, ids and instants need."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from pydantic import SecretStr
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateTable
from sqlmodel import Field, SQLModel

from drawbridge.persistence import (
    Database,
    big_id,
    core_tables,
    json_column,
    money,
    rate,
    service_metadata,
    utc,
    version_after,
)
from drawbridge.persistence.connecting import asyncpg_url


class _Row(SQLModel):
    metadata = service_metadata("sample")


class _Bill(_Row, table=True):
    __tablename__ = "bills"
    key: str = Field(primary_key=True)
    company_id: int = big_id()
    amount: Decimal = money()
    quantity: Decimal | None = rate(nullable=True)
    seen_at: datetime = utc()
    facts: dict[str, Any] = json_column()


def test_columns_are_wide_and_exact_enough() -> None:
    table = _Row.metadata.tables["sample.bills"]
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy has no types for it
    ddl = str(CreateTable(table).compile(dialect=dialect))
    for column in (
        "company_id BIGINT NOT NULL",
        "amount NUMERIC(20, 4) NOT NULL",
        "quantity NUMERIC(24, 8)",
        "seen_at TIMESTAMP WITH TIME ZONE NOT NULL",
        "facts JSONB NOT NULL",
    ):
        assert column in ddl
    assert "quantity NUMERIC(24, 8) NOT NULL" not in ddl
    assert "CONSTRAINT pk_bills PRIMARY KEY" in ddl


def test_nullable_field_is_none_unless_given() -> None:
    bill = _Bill(key="a", company_id=2**40, amount=Decimal(1), seen_at=datetime.now().astimezone(), facts={})
    assert bill.quantity is None


def test_core_tables_belong_to_the_schema_of_the_metadata() -> None:
    tables = core_tables(service_metadata("sample"))
    assert [table.fullname for table in tables.all] == [
        "sample.outbox",
        "sample.inbox",
        "sample.work_items",
        "sample.epoch",
        "sample.own_history",
        "sample.snapshots",
    ]


def test_version_is_raised_by_one_and_starts_anew_in_an_epoch() -> None:
    assert version_after(None, 0) == 1
    assert version_after(7, 0) == 8
    assert version_after(7, 1) == 2**40 + 1
    assert version_after(2**40 + 5, 1) == 2**40 + 6


def test_plain_url_is_accepted_and_its_ssl_mode_kept() -> None:
    url = asyncpg_url(SecretStr("postgresql://a:b@h/d?sslmode=require"))
    assert (url.drivername, dict(url.query)) == ("postgresql+drawbridge", {"ssl": "require"})


def test_password_is_in_no_text_of_the_database() -> None:
    database = Database(SecretStr("postgresql://a:hunter2@h/d"), schema="s", service="s")
    assert "hunter2" not in repr(database.engine) + repr(database.url) + str(vars(database))
