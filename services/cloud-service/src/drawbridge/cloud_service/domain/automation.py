"""When the vault's automation imports a Procore invoice by itself (product rule 12).

Pure: the caller gives the row, the settings and what was tried last. A *marker* names what was tried: the
content, and since when it is importable. One marker is tried once, but for errors that may pass.
"""

from datetime import timedelta

from drawbridge.cloud_service.domain.asking import policy_of
from drawbridge.contracts.actions import reprocess_action
from drawbridge.contracts.procore_invoices import ProcoreInvoice
from drawbridge.contracts.vaults import VaultSettings

RETRY_AFTER = timedelta(hours=1)
"""How long an error that may pass is left alone before automation tries once more."""


def marker_of(row: ProcoreInvoice) -> str:
    """Names what an attempt at this row tries: since when it is importable, and its content."""
    since = row.importable_since.isoformat() if row.importable_since else "never"
    return f"{since} {row.content_hash}"


def wants_import(row: ProcoreInvoice, settings: VaultSettings, last_marker: str | None) -> bool:
    """Whether to import the row now, given the marker of the last attempt.

    A row in error that automation has not tried waits for a change too: somebody else tried it.
    """
    if not _concerns(row, settings) or last_marker == marker_of(row):
        return False
    return row.import_state == "not_imported" or last_marker is not None


def wants_retry(row: ProcoreInvoice, settings: VaultSettings) -> bool:
    """Whether the row's error may pass, so that the same content is tried again `RETRY_AFTER`."""
    return row.retryable and row.import_state == "error" and _concerns(row, settings)


def _concerns(row: ProcoreInvoice, settings: VaultSettings) -> bool:
    """Not imported or in error, accepted, and importable since the behavior was chosen: no backlog."""
    if row.import_state not in ("not_imported", "error") or row.importable_since is None:
        return False
    if row.importable_since < settings.automated_import_since:
        return False
    return reprocess_action(row, policy_of(settings)).allowed
