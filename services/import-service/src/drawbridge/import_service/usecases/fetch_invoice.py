"""Read one Procore invoice with all that it refers to; no transaction is open meanwhile."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from drawbridge.contracts.envelope import Cause
from drawbridge.contracts.errors import Refused
from drawbridge.contracts.procore_invoices import Commitment, ProjectState
from drawbridge.import_service.domain.grid_row import Seen
from drawbridge.import_service.domain.mapping import Mapped, Surroundings, map_invoice
from drawbridge.import_service.domain.seeing import commitment_of, seen, vendor_of
from drawbridge.import_service.store.grid import GridRow
from drawbridge.import_service.store.projects import find_project
from drawbridge.import_service.store.tables import JsonObject
from drawbridge.import_service.store.vaults import Vault
from drawbridge.import_service.store.vendors import vendor_codes_of
from drawbridge.import_service.usecases.change_vendor_map import seed_vendors
from drawbridge.import_service.usecases.look_up_codes import look_up_codes
from drawbridge.import_service.usecases.procore_port import Procore
from drawbridge.persistence import Database, current_epoch
from drawbridge.procore import Requisition
from drawbridge.runtime import utc_now


@dataclass(frozen=True, slots=True)
class Fetched:
    """One look at one Procore invoice; ``at`` is when the look began.

    ``requisition`` has its lines' codes spelled out, ``seen`` is what Procore showed. ``raw`` is what this
    look brought; None when it was the row's stored original.
    """

    requisition: Requisition
    around: Surroundings
    seen: Seen
    at: datetime
    raw: JsonObject | None

    def mapped(self) -> Mapped:
        """The content for an AP invoice.

        Raises:
            ContentError: when it cannot be read.
        """
        return map_invoice(self.requisition, self.around)


async def fetch_invoice(
    database: Database, procore: Procore, vault: Vault, project_id: int, requisition_id: int
) -> Fetched:
    """Fetch an invoice as it is now.

    Raises what `Procore` raises.
    """
    at = utc_now()
    requisition = await procore.requisition(project_id, requisition_id)
    return await _fetched(database, procore, vault, project_id, requisition, at, requisition.raw)


async def fetch_listed(
    database: Database, procore: Procore, vault: Vault, project_id: int, row: GridRow
) -> Fetched:
    """The same from the row's stored original, which a list brought with its lines: no call for the invoice.

    Raises what `Procore` raises.
    """
    requisition = Requisition.read(row.raw or {})
    return await _fetched(database, procore, vault, project_id, requisition, row.seen_at, None)


async def _fetched(
    database: Database,
    procore: Procore,
    vault: Vault,
    project_id: int,
    requisition: Requisition,
    at: datetime,
    raw: JsonObject | None,
) -> Fetched:
    vendor_id = requisition.vendor_id
    async with database.reading() as session:
        project = await find_project(session, vault.id, project_id)
        codes = await vendor_codes_of(session, vault.id, [vendor_id]) if vendor_id else {}
    if vendor_id and vendor_id not in codes:
        codes[vendor_id] = await _seeded_code(database, procore, vault.id, vendor_id, requisition.vendor_name)
    code = codes.get(vendor_id or 0)
    around = known_here(vault, project_id, project, requisition, code)
    return await fetched_from(procore, vault, around, requisition, at, raw)


def known_here(
    vault: Vault, project_id: int, project: ProjectState | None, requisition: Requisition, code: str | None
) -> Surroundings:
    """What the invoice refers to as far as this service knows it; ``code`` is its vendor's in the ledger.

    Raises:
        UnreadableInvoice: it names no commitment.
    """
    return Surroundings(
        project_id=project_id,
        project_name=project.name if project else "",
        project_number=project.number if project else "",
        commitment=commitment_of(requisition, None, None),
        vendor=vendor_of(requisition, code),
        currency=vault.settings.currency,
    )


async def fetched_from(  # all that a look consists of
    procore: Procore,
    vault: Vault,
    around: Surroundings,
    requisition: Requisition,
    at: datetime,
    raw: JsonObject | None,
) -> Fetched:
    """The look with what only Procore knows of the invoice's surroundings; mostly that was asked for lately.

    Raises what `Procore` raises.
    """
    project_id = around.project_id
    commitment = await _commitment(procore, project_id, requisition)
    due_date = await _due_date(procore, project_id, requisition)
    around = replace(around, commitment=commitment, due_date=due_date)
    found = seen(requisition, around, vault.settings.procore.company_id)
    return Fetched(await look_up_codes(procore, project_id, requisition), around, found, at, raw)


async def _commitment(procore: Procore, project_id: int, requisition: Requisition) -> Commitment:
    """The commitment; a private one that the app may not see does not stop the import."""
    commitment_id = requisition.commitment_id
    if not commitment_id:
        return commitment_of(requisition, None, None)
    try:
        found = (await procore.commitments(project_id, [commitment_id])).get(commitment_id)
    except Refused:
        found = None
    return commitment_of(requisition, found.number if found else None, found.title if found else None)


async def _seeded_code(
    database: Database, procore: Procore, vault_id: str, vendor_id: int, name: str | None
) -> str | None:
    """The code of a vendor that the vendor map does not know yet: Procore's ``origin_code`` seeds the map."""
    try:
        vendor = await procore.vendor(vendor_id)
    except Refused:
        return None
    code = (vendor.origin_code or "").strip() or None
    async with database.transaction() as tx:
        seed = (vendor_id, vendor.name or name or "", code)
        await seed_vendors(tx, vault_id, [seed], Cause.new(), await current_epoch(database, tx))
    return code


async def _due_date(procore: Procore, project_id: int, requisition: Requisition) -> date | None:
    """The due date stands in the billing period only; without one there is none."""
    period_id = requisition.period_id
    if not period_id:
        return None
    try:
        period = (await procore.billing_periods(project_id, [period_id])).get(period_id)
    except Refused:
        return None
    return period.due_date if period else None
