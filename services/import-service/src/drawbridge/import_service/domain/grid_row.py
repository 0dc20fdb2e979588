"""The life of one row of the grid: what a look at Procore, an import and a failure make of it.

Every function takes the row as it was and gives the row as it becomes; the version is the store's.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from drawbridge.contracts.errors import Problem
from drawbridge.contracts.invoices import Invoice
from drawbridge.contracts.procore_invoices import (
    Commitment,
    Drift,
    ProcoreInvoice,
    QueueDocument,
    Vendor,
)
from drawbridge.contracts.vaults import VaultSettings

BEFORE_GO_LIVE = "before go-live"
OTHER_CONNECTOR = "exported by another connector"


@dataclass(frozen=True, slots=True)
class Seen:
    """What one look at Procore showed; amounts are None where they cannot be read.

    ``exported_elsewhere`` is set when another connector already owns the invoice (product rule 13).
    ``complete`` is false where the answer had no lines, although they were asked for.
    """

    company_id: int
    project_id: int
    project_name: str
    requisition_id: int
    commitment: Commitment
    vendor: Vendor
    number: int | None
    invoice_number: str | None
    billing_date: date | None
    net_due: Decimal | None
    retainage: Decimal | None
    currency: str
    procore_status: str
    procore_created_at: datetime | None
    procore_updated_at: datetime | None
    content_hash: str
    exported_elsewhere: bool = False
    complete: bool = True


_TIE = (
    "queue_document",
    "invoice_id",
    "invoice_status",
    "imported_at",
    "imported_by",
    "imported_how",
)
_MEMBERS = tuple(field.name for field in fields(Seen) if field.name not in ("exported_elsewhere", "complete"))


def see(
    old: ProcoreInvoice | None,
    seen: Seen,
    settings: VaultSettings,
    now: datetime,
    imported_hash: str | None = None,
) -> ProcoreInvoice:
    """The row after a look at Procore; equal to ``old`` if nothing changed.

    ``imported_hash`` is the content hash that the row's AP invoice was made from.
    """
    members = {name: getattr(seen, name) for name in _MEMBERS}
    if old is not None and not seen.complete:
        members |= {"content_hash": old.content_hash, "retainage": old.retainage}
    row = old.model_copy(update=members) if old else ProcoreInvoice(version=1, **members)
    row = row.model_copy(update={"importable_since": _importable_since(old, row, settings, now)})
    if row.import_state == "imported":
        return row.model_copy(update={"drift": _drift(old, row, settings, now, imported_hash)})
    return _held_or_free(row, settings, exported_elsewhere=seen.exported_elsewhere)


def gone(row: ProcoreInvoice, now: datetime, *, commitment_visible: bool) -> ProcoreInvoice:
    """The row after Procore answered 404 for it: absence is not deletion (product rule 10)."""
    kind, what = (
        ("deleted", "The invoice was deleted in Procore.")
        if commitment_visible
        else (
            "invisible",
            "Procore shows it, its commitment or its project no more. If they exist, let the app see them.",
        )
    )
    if row.drift is not None and row.drift.kind == kind:
        return row
    drift = Drift.model_validate({"kind": kind, "what": what, "seen_at": now})
    return row.model_copy(update={"drift": drift, "importable_since": None})


def queued(row: ProcoreInvoice, document: QueueDocument) -> ProcoreInvoice:
    """The row with its queue document."""
    return _settled(row, {"import_state": "in_queue", "queue_document": document})


def imported(row: ProcoreInvoice, invoice: Invoice) -> ProcoreInvoice:
    """The row tied to its AP invoice; a queue document is consumed. The invoice must have its source."""
    source = invoice.source
    if source is None:
        raise ValueError("An AP invoice without a source is tied to no Procore invoice.")
    tie = {
        "import_state": "imported",
        "queue_document": None,
        "invoice_id": invoice.id,
        "invoice_status": invoice.status,
        "imported_at": source.imported_at,
        "imported_by": source.imported_by,
        "imported_how": source.how,
    }
    return _settled(row, tie)


def failed(row: ProcoreInvoice, problem: Problem, *, retryable: bool) -> ProcoreInvoice:
    """The row after an import that did not work; what waits in the queue or is imported stays so."""
    if row.import_state in ("imported", "in_queue"):
        return row
    changes = {"import_state": "error", "problem": problem, "retryable": retryable, "held_reason": None}
    return row.model_copy(update=changes)


def held(row: ProcoreInvoice, reason: str) -> ProcoreInvoice:
    """The row set aside by a person (product rule 12): untied, out of the queue, its error dismissed.

    That Procore no longer has the invoice is still shown.
    """
    gone = row.drift is not None and row.drift.kind in ("deleted", "invisible")
    untied = dict.fromkeys(_TIE)
    drift = row.drift if gone else None
    return _settled(row, {**untied, "import_state": "held", "held_reason": reason, "drift": drift})


def reopened(
    row: ProcoreInvoice, settings: VaultSettings, now: datetime, imported_hash: str | None
) -> ProcoreInvoice:
    """The row of a reopened AP invoice; what changed in Procore meanwhile shows as drift again."""
    row = row.model_copy(update={"invoice_status": "unprocessed"})
    if row.drift is not None:
        return row
    return row.model_copy(update={"drift": _drift(None, row, settings, now, imported_hash)})


def with_status(row: ProcoreInvoice, invoice: Invoice) -> ProcoreInvoice:
    """The row after its AP invoice changed its status; acknowledged drift is settled by processing."""
    drift = None if invoice.status == "processed" else row.drift
    return row.model_copy(update={"invoice_status": invoice.status, "drift": drift})


def _settled(row: ProcoreInvoice, tie: Mapping[str, object]) -> ProcoreInvoice:
    cleared = {"problem": None, "retryable": False, "held_reason": None, "drift": None}
    return row.model_copy(update={**cleared, **tie})


def _importable_since(
    old: ProcoreInvoice | None, row: ProcoreInvoice, settings: VaultSettings, now: datetime
) -> datetime | None:
    """When the row was first seen in an accepted status after not being in one."""
    if row.procore_status not in settings.accepted_statuses:
        return None
    return (old.importable_since if old else None) or now


def _held_or_free(
    row: ProcoreInvoice, settings: VaultSettings, *, exported_elsewhere: bool
) -> ProcoreInvoice:
    """Hold a fresh row for go-live or another connector, free it when that is over (product rule 13)."""
    row = row.model_copy(update={"drift": None})
    reason = OTHER_CONNECTOR if exported_elsewhere else None
    if _billed_on(row, settings) < (settings.import_from or date.min):
        reason = BEFORE_GO_LIVE
    if row.import_state == "not_imported" and reason is not None:
        return row.model_copy(update={"import_state": "held", "held_reason": reason})
    if row.import_state == "held" and row.held_reason in (BEFORE_GO_LIVE, OTHER_CONNECTOR):
        state = "held" if reason else "not_imported"
        return row.model_copy(update={"import_state": state, "held_reason": reason})
    return row


def _billed_on(row: ProcoreInvoice, settings: VaultSettings) -> date:
    """The billing date, else the day of creation in the vault's time zone (product rule 1)."""
    if row.billing_date is not None:
        return row.billing_date
    if row.procore_created_at is None:
        return date.max
    return row.procore_created_at.astimezone(ZoneInfo(settings.time_zone)).date()


def _drift(
    old: ProcoreInvoice | None,
    row: ProcoreInvoice,
    settings: VaultSettings,
    now: datetime,
    imported_hash: str | None,
) -> Drift | None:
    """What happened in Procore after the import: never silently (product rule 10)."""
    known = row.drift
    if row.procore_status not in settings.accepted_statuses:
        what = f"Its status in Procore is now {row.procore_status.replace('_', ' ')!r}."
        if known is not None and known.kind == "unapproved" and known.what == what:
            return known
        return Drift(kind="unapproved", what=what, seen_at=now)
    if row.invoice_status == "processed" and known is None and not _content_moved(old, row):
        return None
    if imported_hash is None or row.content_hash == imported_hash:
        return None
    if known is not None and known.kind == "changed" and not _content_moved(old, row):
        return known
    return Drift(kind="changed", what=_what_changed(old, row), seen_at=now)


def _content_moved(old: ProcoreInvoice | None, row: ProcoreInvoice) -> bool:
    return old is None or old.content_hash != row.content_hash


def _what_changed(old: ProcoreInvoice | None, row: ProcoreInvoice) -> str:
    """A sentence for each member that differs from the last look; details stand in the refresh preview."""
    before, after = _shown(old) if old else {}, _shown(row)
    sentences = [
        f"{name} changed in Procore from {before[name]} to {after[name]}."
        for name in before
        if before[name] != after[name]
    ]
    return " ".join(sentences) or "The invoice was changed in Procore after it was imported."


def _shown(row: ProcoreInvoice) -> dict[str, str]:
    """What a person sees of a row that can change in Procore, by its name."""
    return {
        "Net due": _money(row.net_due, row.currency),
        "Retainage": _money(row.retainage, row.currency),
        "Invoice number": row.invoice_number or "none",
        "Billing date": str(row.billing_date or "none"),
        "Vendor": row.vendor.name or "none",
        "Commitment": row.commitment.number or str(row.commitment.id),
    }


def _money(amount: Decimal | None, currency: str) -> str:
    return "unreadable" if amount is None else f"{amount:f} {currency}"
