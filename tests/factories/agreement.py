"""Whether what readers keep equals what owners have, told by SQL on both sides."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from pydantic import SecretStr
from sqlalchemy import select, text

from drawbridge.cloud_service.store.owned import OURS as CLOUD
from drawbridge.contracts import StateEvent
from drawbridge.contracts.invoices import InvoiceState
from drawbridge.contracts.procore_invoices import ProcoreInvoiceState
from drawbridge.contracts.vaults import VaultSettingsState
from drawbridge.gateway.store.owned import OURS as GATEWAY
from drawbridge.import_service.store.owned import OURS as IMPORTS
from drawbridge.payment_backfiller.store.owned import OURS as PAYMENTS
from drawbridge.persistence import Database
from drawbridge.persistence.commands import ServiceSchema
from drawbridge.persistence.snapshots.owned import with_changes

SERVICES = (GATEWAY, IMPORTS, CLOUD, PAYMENTS)

type Rows = dict[str, tuple[int, Any]]
"""Subject → (version, what is kept of the state)."""

_INVOICES_OF_PAYMENTS = "(SELECT * FROM payments.invoices WHERE unknown_since IS NULL) AS known"
"""Without those that are kept on purpose though their owner does not know them."""

READERS: dict[str, tuple[tuple[str, str, str], ...]] = {
    "drawbridge.project.state.v1": (
        ("gateway.projects", "'project/' || vault_id || '/' || project_id", "data"),
    ),
    "drawbridge.procore-invoice.state.v1": (
        ("gateway.procore_invoices", "'requisition/' || vault_id || '/' || requisition_id", "data"),
        ("cloud.procore_invoices", "'requisition/' || vault_id || '/' || requisition_id", "data"),
    ),
    "drawbridge.invoice.state.v1": (
        ("gateway.invoices", "'invoice/' || vault_id || '/' || id", "data"),
        (
            _INVOICES_OF_PAYMENTS,
            "'invoice/' || vault_id || '/' || id",
            "jsonb_build_object('id', id, 'net_due', net_due::float, 'vendor_key', vendor_key)",
        ),
    ),
    "drawbridge.request.state.v1": (("gateway.requests", "'request/' || vault_id || '/' || id", "data"),),
    "drawbridge.allocation.state.v1": (
        ("gateway.allocations", "'allocation/' || vault_id || '/' || id", "data"),
    ),
    "drawbridge.invoice-payments.state.v1": (
        ("gateway.invoice_payments", "'invoice-payments/' || vault_id || '/' || invoice_id", "data"),
        ("imports.invoice_payments", "'invoice-payments/' || vault_id || '/' || invoice_id", "data"),
    ),
    "drawbridge.job.state.v1": (("gateway.jobs", "'job/' || vault_id || '/' || job", "data"),),
    "drawbridge.run.state.v1": (("gateway.runs", "'run/' || vault_id || '/' || id", "data"),),
    "drawbridge.vault.settings.v1": (
        ("imports.vaults", "'vault/' || vault_id", "settings"),
        ("cloud.vaults", "'vault/' || vault_id", "settings"),
        ("payments.vaults", "'vault/' || id", "settings"),
    ),
}
"""By message type: the readers' tables, the subject of a row, and what to compare."""


@asynccontextmanager
async def opened(ours: ServiceSchema, admin_url: str) -> AsyncIterator[Database]:
    """A service's schema, as its owner's code sees it."""
    database = ours.database(SecretStr(admin_url))
    try:
        yield database
    finally:
        await database.dispose()


async def disagreements(admin_url: str) -> list[str]:
    """What readers lack, have too much, or have otherwise; empty when all agree."""
    owners: dict[str, Rows] = {}
    readers: dict[str, Rows] = {}
    for ours in SERVICES:
        async with opened(ours, admin_url) as database:
            for owned in ours.owned:
                owners[owned.model.TYPE] = await _owned(database, ours, owned.model)
    async with opened(GATEWAY, admin_url) as database:
        for tables in READERS.values():
            for table, subject, shown in tables:
                readers[table] = await _kept(database, table, subject, shown)
    found: list[str] = []
    for message_type, tables in READERS.items():
        for table, _, _ in tables:
            found += _differences(table, owners[message_type], readers[table])
    return found


async def history_gaps(admin_url: str) -> list[str]:
    """Lines of the owners' histories that the gateway lacks or has otherwise."""
    union = " UNION ALL ".join(
        f"SELECT subject, version, change FROM {ours.schema}.own_history"  # noqa: S608  # our own names
        for ours in SERVICES
        if ours is not GATEWAY
    )
    query = f"""
        SELECT o.subject, o.version FROM ({union}) o LEFT JOIN gateway.history h USING (subject, version)
        WHERE h.what IS DISTINCT FROM o.change ->> 'what' OR h.by IS DISTINCT FROM o.change ->> 'by'
    """  # noqa: S608  # our own names
    async with opened(GATEWAY, admin_url) as database, database.reading() as session:
        return [f"{row.subject} {row.version}" for row in await session.execute(text(query))]


async def _owned(database: Database, ours: ServiceSchema, model: type[StateEvent]) -> Rows:
    [owned] = [each for each in ours.owned if each.model is model]
    async with database.reading() as session:
        states = await owned.read(session, owned.told)
        named = (await session.execute(select(owned.name, owned.table.c.version).where(owned.told))).all()
        states = await with_changes(session, database.tables, states, "20260301T080000000000Z-00000000")
    rows = {state.subject(): (state.version, _shown(state)) for state in states}
    assert {row[0]: row[1] for row in named} == {name: row[0] for name, row in rows.items()}
    return rows


async def _kept(database: Database, table: str, subject: str, shown: str) -> Rows:
    query = text(f"SELECT {subject} AS subject, version, {shown} AS shown FROM {table}")  # noqa: S608  # our own names
    async with database.reading() as session:
        return {row.subject: (row.version, row.shown) for row in await session.execute(query)}


def _shown(state: StateEvent) -> Any:  # noqa: ANN401  # JSON
    """The part of a state that readers keep."""
    match state:
        case ProcoreInvoiceState():
            return state.row.model_dump(mode="json")
        case InvoiceState():
            return state.invoice.model_dump(mode="json")
        case VaultSettingsState():
            return state.settings.model_dump(mode="json")
    return state.model_dump(mode="json", exclude={"snapshot_id"})


def _differences(table: str, owner: Rows, reader: Rows) -> list[str]:
    lines = [f"{table} lacks {subject}" for subject in owner.keys() - reader.keys()]
    lines += [f"{table} has {subject}, which is unknown" for subject in reader.keys() - owner.keys()]
    for subject in owner.keys() & reader.keys():
        (version, state), (known, shown) = owner[subject], reader[subject]
        if version != known:
            lines.append(f"{table} has {subject} in version {known} instead of {version}")
        elif not _agrees(table, state, shown):
            lines.append(f"{table} shows {subject} otherwise than {json.dumps(state)[:300]}")
    return lines


def _agrees(table: str, state: Mapping[str, Any], shown: Mapping[str, Any]) -> bool:
    if table == _INVOICES_OF_PAYMENTS:
        due = float(state["content"]["header"]["net_due"]) if state["content"] else 0.0
        return bool(shown["net_due"] == due)
    if table == "imports.invoice_payments":
        return {**shown, "change": None} == {**state, "change": None}
    return state == shown
