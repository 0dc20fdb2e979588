"""One page of a project's invoices: see each, tell those that changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from drawbridge.contracts.envelope import Cause
from drawbridge.contracts.procore_invoices import ProjectState
from drawbridge.contracts.values import Change
from drawbridge.import_service.domain.content_errors import UnreadableInvoice
from drawbridge.import_service.domain.mapping import Surroundings
from drawbridge.import_service.domain.seeing import commitment_of, seen, vendor_of
from drawbridge.import_service.store.grid import save_rows, touch_rows
from drawbridge.import_service.store.vaults import Vault
from drawbridge.import_service.store.vendors import vendor_codes_of
from drawbridge.import_service.usecases.see_invoice import Look, see_rows
from drawbridge.import_service.usecases.telling import tell_row
from drawbridge.persistence import Database, Transaction, current_epoch
from drawbridge.procore import Commitment, Requisition
from drawbridge.runtime import get_logger, is_transient

_log = get_logger(__name__)


@dataclass
class Reading:
    """One running re-read of a project: what it needs, and what it has counted so far."""

    vault: Vault
    project: ProjectState
    cause: Cause
    commitments: Mapping[int, Commitment] = field(default_factory=dict)
    changed: int = field(default=0)
    unreadable: int = field(default=0)


async def see_page(
    database: Database, reading: Reading, invoices: Sequence[Requisition], began: datetime
) -> None:
    """Bring the rows of a page, whose read began at ``began``, up to date.

    Should the page not go in as a whole, it is split until the bad invoice stands alone; that one is
    logged and counted, and never keeps the others away.

    Raises:
        Exception: only one for which `is_transient` holds.
    """
    try:
        await _store(database, reading, invoices, began)
    except Exception as error:
        if is_transient(error):
            raise
        if len(invoices) == 1:
            _log.exception("invoice.not_stored", requisition_id=invoices[0].id)
            reading.unreadable += 1
            return
        middle = len(invoices) // 2
        await see_page(database, reading, invoices[:middle], began)
        await see_page(database, reading, invoices[middle:], began)


async def _store(
    database: Database, reading: Reading, invoices: Sequence[Requisition], began: datetime
) -> None:
    """See, write and tell all of them in one transaction."""
    vault = reading.vault
    async with database.transaction() as tx:
        looks, unreadable = await _looks(tx, reading, invoices, began)
        rows = await see_rows(tx, vault, looks)
        epoch = await current_epoch(database, tx)
        changed = [(row.old, row.as_told(row.new.state, epoch)) for row in rows if row.changed]
        await save_rows(tx.session, vault.id, [new for _, new in changed])
        same = [row.new.state.requisition_id for row in rows if not row.changed]
        await touch_rows(tx.session, vault.id, same, began)
        for old, new in changed:
            what = "changed_in_procore" if old else "seen_in_procore"
            tell_row(tx, vault.id, new.state, Change(what=what, at=tx.now), reading.cause)
    reading.changed += len(changed)
    reading.unreadable += unreadable


async def _looks(
    tx: Transaction, reading: Reading, requisitions: Sequence[Requisition], at: datetime
) -> tuple[list[Look], int]:
    """What the page shows; an invoice without even a commitment is no row, only counted."""
    vendor_ids = {each.vendor_id for each in requisitions if each.vendor_id}
    codes = await vendor_codes_of(tx.session, reading.vault.id, vendor_ids)
    looks = []
    for each in requisitions:
        try:
            around = _around(reading, each, codes.get(each.vendor_id or 0))
        except UnreadableInvoice as error:
            _log.warning("invoice.unreadable", requisition_id=each.id, problem=error.problem.message)
            continue
        company_id = reading.vault.settings.procore.company_id
        looks.append(Look(seen(each, around, company_id), at, each.raw))
    return looks, len(requisitions) - len(looks)


def _around(reading: Reading, requisition: Requisition, ledger_code: str | None) -> Surroundings:
    found = reading.commitments.get(requisition.commitment_id or 0)
    number, title = (found.number, found.title) if found else (None, None)
    return Surroundings(
        project_id=reading.project.project_id,
        project_name=reading.project.name,
        project_number=reading.project.number,
        commitment=commitment_of(requisition, number, title),
        vendor=vendor_of(requisition, ledger_code),
        currency=reading.vault.settings.currency,
    )
