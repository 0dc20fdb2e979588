"""Rows that keep what we write to Procore: allocations, commitments, covers; and the jobs with their runs."""

from datetime import datetime
from decimal import Decimal
from typing import Any, get_args
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from drawbridge.contracts.payments import WriteState
from drawbridge.contracts.vaults import JobName
from drawbridge.payment_backfiller.store.tables import Row
from drawbridge.persistence import big_id, json_column, money, utc

OURS = "state IS NOT NULL OR write_state <> 'not_needed'"
"""Of an allocation that was ever listed, or is to be written."""


def _one_of(column: str, choices: Any) -> CheckConstraint:  # noqa: ANN401  # a Literal type
    values = ", ".join(f"'{choice}'" for choice in get_args(choices))
    return CheckConstraint(f"{column} IN ({values})", name=column)


class AllocationRow(Row, table=True):
    """An allocation: the ledger's facts, and how far its contract payment is.

    ``wanted`` is the draft of the last decision, ``sent`` what the last intent sent, ``intent_at`` and
    ``deadline`` its time; ``written_*`` is where a row of ours stands or may yet appear; ``linked`` is false
    where Procore shows it without its requisition. ``locked``: why Procore refused to remove our row, and
    ``offset_id`` the row that was written against it. ``overridden``: foreign rows that a person said are not
    this payment; ``dismissed``: who does not want it, when and why. ``state`` is the event last sent, without
    its version; null: never listed.
    """

    __tablename__ = "allocations"
    __table_args__ = (
        _one_of("write_state", WriteState),
        Index("ix_allocations_bill", "vault_id", "bill_id"),
        Index("ix_allocations_payment", "vault_id", "payment_id"),
        Index(
            "ix_allocations_written",
            "vault_id",
            "written_project_id",
            "written_commitment_id",
            postgresql_where=text("written_commitment_id IS NOT NULL"),
        ),
        Index("ix_allocations_ours", "vault_id", "bill_id", postgresql_where=text(OURS)),
    )

    id: UUID = Field(primary_key=True)
    vault_id: str
    ledger: str
    payment_id: str
    bill_id: str
    cash: Decimal = money()
    discount: Decimal = money()
    credit: Decimal = money()
    currency: str
    gone: bool = False
    read_at: datetime = utc()
    write_state: str = "not_needed"
    wanted: dict[str, Any] | None = json_column(nullable=True)
    sent: dict[str, Any] | None = json_column(nullable=True)
    intent_at: datetime | None = utc(nullable=True)
    deadline: datetime | None = utc(nullable=True)
    contract_payment_id: int | None = big_id(nullable=True)
    proven: bool = True
    written_amount: Decimal | None = money(nullable=True)
    written_project_id: int | None = big_id(nullable=True)
    written_commitment_id: int | None = big_id(nullable=True)
    linked: bool = True
    locked: dict[str, Any] | None = json_column(nullable=True)
    offset_id: int | None = big_id(nullable=True)
    overridden: list[int] = json_column()
    dismissed: dict[str, Any] | None = json_column(nullable=True)
    problem: dict[str, Any] | None = json_column(nullable=True)
    note: str = ""
    version: int = big_id()
    state: dict[str, Any] | None = json_column(nullable=True)


class CommitmentRow(Row, table=True):
    """A commitment that we write to. ``wanted`` rises with every change of what should stand there.

    ``state`` is the event last sent of what Procore shows there, without its version; null: never listed.
    """

    __tablename__ = "commitments"

    vault_id: str = Field(primary_key=True)
    project_id: int = big_id(primary_key=True)
    commitment_id: int = big_id(primary_key=True)
    wanted: int = big_id()
    listed_at: datetime | None = utc(nullable=True)
    version: int = big_id()
    state: dict[str, Any] | None = json_column(nullable=True)


class ForeignCoverRow(Row, table=True):
    """A contract payment typed by hand that stands for one allocation, and for no other."""

    __tablename__ = "foreign_covers"

    vault_id: str = Field(primary_key=True)
    contract_payment_id: int = big_id(primary_key=True)
    allocation_id: UUID = Field(unique=True)
    evidence: str
    confirmed_by: str = ""


class JobRow(Row, table=True):
    """A payment job of a vault; ``state`` is the event last sent, without its version."""

    __tablename__ = "jobs"
    __table_args__ = (_one_of("job", JobName), Index("ix_jobs_next_run_at", "next_run_at"))

    vault_id: str = Field(primary_key=True)
    job: str = Field(primary_key=True)
    version: int = big_id()
    next_run_at: datetime | None = utc(nullable=True)
    last_run_id: UUID | None = None
    last_run_at: datetime | None = utc(nullable=True)
    failing: str = ""
    state: dict[str, Any] | None = json_column(nullable=True)


class RunRow(Row, table=True):
    """One execution of a job; its id is its work item's, so that a repeat continues it."""

    __tablename__ = "runs"
    __table_args__ = (
        CheckConstraint("status IN ('running', 'done', 'failed')", name="status"),
        Index("ix_runs_job", "vault_id", "job", "started_at"),
    )

    id: UUID = Field(primary_key=True)
    vault_id: str
    job: str
    version: int = big_id()
    dry_run: bool
    status: str
    requested_by: str
    started_at: datetime = utc()
    finished_at: datetime | None = utc(nullable=True)
    counts: dict[str, int] = json_column()
    log: list[str] = json_column()
    problem: dict[str, Any] | None = json_column(nullable=True)
