"""How a service declares its tables: one metadata for its schema, and columns of the right types.

::

    class Row(SQLModel):                      # in the service's store/
        metadata = service_metadata("imports")

    class ApInvoiceRow(Row, table=True):
        __tablename__ = "ap_invoices"
        id: UUID = Field(primary_key=True)
        company_id: int = big_id()
        net_due: Decimal = money()
        created_at: datetime = utc()

Rows are rows, never inputs: a table model does not validate.
"""

from typing import Any

from sqlalchemy import BigInteger, Column, DateTime, MetaData, Numeric
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeEngine
from sqlmodel import Field

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


def service_metadata(schema: str) -> MetaData:
    """A metadata for one schema, with stable names for keys, indexes and checks."""
    return MetaData(schema=schema, naming_convention=NAMES)


def money(*, nullable: bool = False) -> Any:  # noqa: ANN401  # a field of whatever type it is annotated with
    """An amount of money: ``numeric(20,4)``, for a `Decimal` that the domain has already rounded."""
    return _column(Numeric(20, 4), nullable=nullable)


def rate(*, nullable: bool = False) -> Any:  # noqa: ANN401  # as money()
    """A quantity, unit price or rate: ``numeric(24,8)``."""
    return _column(Numeric(24, 8), nullable=nullable)


def utc(*, nullable: bool = False, index: bool = False) -> Any:  # noqa: ANN401  # as money()
    """An instant: ``timestamptz``; naive values are refused by the driver."""
    return _column(DateTime(timezone=True), nullable=nullable, index=index)


def big_id(*, nullable: bool = False, primary_key: bool = False, index: bool = False) -> Any:  # noqa: ANN401  # as money()
    """An id that somebody else gave: ``bigint``, because Procore's exceed 32 bits."""
    return _column(BigInteger(), nullable=nullable, primary_key=primary_key, index=index, autoincrement=False)


def json_column(*, nullable: bool = False) -> Any:  # noqa: ANN401  # as money()
    """A JSON document: ``jsonb``; Python's None is SQL's NULL."""
    return _column(JSONB(none_as_null=True), nullable=nullable)


def _column(kind: TypeEngine[Any], **options: Any) -> Any:  # noqa: ANN401  # as money()
    """A required field, or one that defaults to None where the column may be null."""
    column: Column[Any] = Column(kind, **options)
    return Field(default=None, sa_column=column) if options["nullable"] else Field(sa_column=column)
