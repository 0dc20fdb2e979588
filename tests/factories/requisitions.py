"""Procore invoices as the double bills them, and what stands around them."""

import json
from functools import cache
from typing import Any

from drawbridge.contracts.procore_invoices import Commitment, ProcoreInvoice, Vendor
from drawbridge.import_service.domain.grid_row import Seen
from drawbridge.import_service.domain.mapping import Surroundings
from drawbridge.import_service.domain.seeing import seen
from drawbridge.procore import Requisition
from drawbridge.procore.values import read_json
from drawbridge.sandbox.procore import seeded_procore

AROUND = Surroundings(
    project_id=42,
    project_name="Harbor tower",
    project_number="H-1",
    commitment=Commitment(id=7, number="SC-001", title="Concrete"),
    vendor=Vendor(id=9, name="Acme", ledger_code="V-1"),
    currency="USD",
)


@cache
def _seeded() -> dict[int, str]:
    """All readable invoices of the seed as JSON texts, so that no test changes another's."""
    procore = seeded_procore()
    return {
        requisition_id: json.dumps(record)
        for requisition_id, record in procore.requisitions.items()
        if requisition_id not in procore.whole
    }


@cache
def seed_facts() -> dict[str, Any]:
    """Ids of the special invoices of the seed."""
    return dict(seeded_procore().facts)


def requisition_ids() -> list[int]:
    """All readable invoices of the seed."""
    return list(_seeded())


def raw_requisition(requisition_id: int | None = None) -> dict[str, Any]:
    """One invoice of the seed as JSON, ready to be changed; else the first that bills something."""
    chosen = requisition_id or next(each for each, text in _seeded().items() if '"approved"' in text)
    raw: dict[str, Any] = read_json(_seeded()[chosen].encode())
    return raw


def requisition(requisition_id: int | None = None, **changes: Any) -> Requisition:  # noqa: ANN401  # any member
    """The same, read; ``summary`` is merged, all else replaced."""
    raw = raw_requisition(requisition_id)
    raw["summary"] |= changes.pop("summary", {})
    return Requisition.read(raw | changes)


def seen_of(found: Requisition) -> Seen:
    """What a look at it shows."""
    return seen(found, AROUND, company_id=1)


def row_of(found: Requisition, **changes: Any) -> ProcoreInvoice:  # noqa: ANN401  # any member
    """A row that shows exactly this invoice."""
    look = seen_of(found)
    members = {name: getattr(look, name) for name in ProcoreInvoice.model_fields if hasattr(look, name)}
    return ProcoreInvoice.model_validate({"version": 1, **members, **changes})
