"""Transactions with outbox and inbox, work items that are tried again, and migrations, on PostgreSQL."""

from typing import TYPE_CHECKING, Any

from drawbridge.contracts.values import version_after
from drawbridge.persistence.bulk import as_arrays, bulk_insert, records_as_arrays
from drawbridge.persistence.cleaning import cleaning
from drawbridge.persistence.connecting import DatabaseAway, is_contention
from drawbridge.persistence.copying import copy_in
from drawbridge.persistence.database import Database
from drawbridge.persistence.epoch import current_epoch, raise_epoch
from drawbridge.persistence.inbox import Claim, claim
from drawbridge.persistence.key_shares import KeyShares
from drawbridge.persistence.listener import Listener
from drawbridge.persistence.measuring import Measure, measuring
from drawbridge.persistence.outbox import OutboxReader, Unsent
from drawbridge.persistence.parking import parked
from drawbridge.persistence.prepared import PreparedRead, PreparedReads, Record
from drawbridge.persistence.provision import provision
from drawbridge.persistence.raw import JSON, Origin, Properties, RawMessage, RawOutgoing
from drawbridge.persistence.retry import MAX_ATTEMPTS, Again, GiveUp, NextStep, Park, next_step
from drawbridge.persistence.rows import (
    big_id,
    json_column,
    money,
    rate,
    service_metadata,
    utc,
)
from drawbridge.persistence.tables import CoreTables, core_tables, create_core_tables, drop_core_tables
from drawbridge.persistence.transaction import Transaction
from drawbridge.persistence.vault_shares import VaultShares
from drawbridge.persistence.work_handler import Unattended, WorkHandler
from drawbridge.persistence.work_item import BULK, CLICK, NORMAL, LeaseLost, NewWork, WorkItem
from drawbridge.persistence.work_loop import WorkLoop
from drawbridge.persistence.work_store import WorkStore

if TYPE_CHECKING:
    from drawbridge.persistence.migrations import check, missing, run_environment, upgrade

__all__ = [
    "BULK",
    "CLICK",
    "JSON",
    "MAX_ATTEMPTS",
    "NORMAL",
    "Again",
    "Claim",
    "CoreTables",
    "Database",
    "DatabaseAway",
    "GiveUp",
    "KeyShares",
    "LeaseLost",
    "Listener",
    "Measure",
    "NewWork",
    "NextStep",
    "Origin",
    "OutboxReader",
    "Park",
    "PreparedRead",
    "PreparedReads",
    "Properties",
    "RawMessage",
    "RawOutgoing",
    "Record",
    "Transaction",
    "Unattended",
    "Unsent",
    "VaultShares",
    "WorkHandler",
    "WorkItem",
    "WorkLoop",
    "WorkStore",
    "as_arrays",
    "big_id",
    "bulk_insert",
    "check",
    "claim",
    "cleaning",
    "copy_in",
    "core_tables",
    "create_core_tables",
    "current_epoch",
    "drop_core_tables",
    "is_contention",
    "json_column",
    "measuring",
    "missing",
    "money",
    "next_step",
    "parked",
    "provision",
    "raise_epoch",
    "rate",
    "records_as_arrays",
    "run_environment",
    "service_metadata",
    "upgrade",
    "utc",
    "version_after",
]

_MIGRATIONS = ("check", "missing", "run_environment", "upgrade")


def __getattr__(name: str) -> Any:  # noqa: ANN401  # Python's own signature
    """Import Alembic only where something is migrated: an idle process is ten MiB smaller without it."""
    if name in _MIGRATIONS:
        from drawbridge.persistence import migrations  # noqa: PLC0415  # as said

        return getattr(migrations, name)
    raise AttributeError(name)
