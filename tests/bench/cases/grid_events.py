"""What the gateway is told in the benchmarks: states of Procore invoices, of a million that it knows."""

import itertools
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

import aio_pika
from pydantic import SecretStr
from sqlalchemy import BigInteger, bindparam, text
from sqlalchemy.dialects.postgresql import JSONB

from drawbridge.contracts.message import EVENTS
from drawbridge.contracts.procore_invoices import Commitment, ProcoreInvoiceState, Vendor
from drawbridge.persistence import Database
from tests.bench.bare.publishing import publish_all
from tests.factories.cloud import BIG, row_state

KNOWN = 1_000_000
_NEW = 0.1
_STALE = 0.1
_ROUNDS = itertools.count(2)
_BOUNDS = [bindparam(name, type_=BigInteger) for name in ("first", "last")]

_ROWS = text("""
INSERT INTO procore_invoices (vault_id, requisition_id, version, told_at, company_id, project_id,
    commitment_id, billing_date, procore_created_at, day, updated_at, vendor, invoice_number, commitment,
    net_due, import_state, data)
SELECT 'main', id, 1, now(), 7, id % 500, id % 20000, '2026-03-01', now(), '2026-03-01', now(),
    'acme concrete', 'inv-' || id, 'sc-' || id % 20000, 10000, 'not_imported', CAST(:data AS jsonb)
FROM generate_series(:first, :last) AS id
""").bindparams(bindparam("data", type_=JSONB), *_BOUNDS)
_HISTORY = text("""
INSERT INTO history (subject, version, what, at, by, detail)
SELECT 'requisition/main/' || id, 1, 'seen_in_procore', now(), 'drawbridge', ''
FROM generate_series(:first, :last) AS id
""").bindparams(*_BOUNDS)


async def fill_read_model(database: Database) -> None:
    """A million rows of the grid and as many lines of history, in parts that keep within all time limits."""
    part = 50_000
    for first in range(BIG, BIG + KNOWN, part):
        bounds = {"first": first, "last": first + part - 1}
        async with database.bookkeeping() as connection:
            await connection.execute(_ROWS, bounds | {"data": _state(first, 1).row.model_dump(mode="json")})
        async with database.bookkeeping() as connection:
            await connection.execute(_HISTORY, bounds)


async def publish_events(url: SecretStr, count: int) -> None:
    """So many events of a later version: most of known rows, some of new ones, some stale."""
    version = next(_ROUNDS)
    chance = Random(version)
    messages = [_message(_event(chance, version, number), chance) for number in range(count)]
    await publish_all(url, EVENTS, ProcoreInvoiceState.TYPE, messages)


def _event(chance: Random, version: int, number: int) -> ProcoreInvoiceState:
    kind = chance.random()
    if kind < _NEW:
        return _state(BIG + KNOWN * version + number, version)
    return _state(BIG + chance.randrange(KNOWN), 1 if kind < _NEW + _STALE else version)


def _state(requisition_id: int, version: int) -> ProcoreInvoiceState:
    commitment = requisition_id % 20_000 + 1
    return row_state(
        version=version,
        requisition_id=requisition_id,
        project_id=requisition_id % 500 + 1,
        project_name="Riverside Clinic, Phase 2",
        commitment=Commitment(id=commitment, number=f"SC-{commitment}", title="Cast-in-place concrete"),
        vendor=Vendor(id=4, name="Acme Concrete", ledger_code="ACME"),
        number=3,
        invoice_number=f"INV-{requisition_id}",
        billing_date=datetime(2026, 3, 1, tzinfo=UTC).date(),
        net_due="10000.00",
        retainage="500.00",
        procore_created_at=datetime(2026, 3, 1, 8, tzinfo=UTC),
    )


def _message(event: ProcoreInvoiceState, chance: Random) -> aio_pika.Message:
    """As import-service sends it."""
    identity = UUID(int=chance.getrandbits(128), version=4)
    moment = datetime(2026, 3, 1, 9, tzinfo=UTC) + timedelta(seconds=event.version)
    return aio_pika.Message(
        event.encode(),
        message_id=str(identity),
        type=event.TYPE,
        app_id="import-service",
        correlation_id=str(identity),
        content_type="application/json",
        timestamp=moment,
        delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
        headers={
            "ce-specversion": "1.0",
            "ce-subject": event.subject(),
            "ce-time": moment.isoformat(),
        },
    )
