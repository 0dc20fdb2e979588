"""Which actions are allowed, and why not: decided here once (product rule 6).

The gateway shows the answers, import-service enforces them; both call these functions.
"""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from pydantic import ConfigDict, Field

from drawbridge.contracts.errors import Refused
from drawbridge.contracts.invoices import Invoice
from drawbridge.contracts.procore_invoices import Drift, InvoiceStatus, ProcoreInvoice
from drawbridge.contracts.values import Value
from drawbridge.contracts.vaults import AcceptedStatus, AutomatedImport


class Action(Value):
    """Whether an action is allowed; ``code`` and ``reason`` say why not, ``advice`` what to do instead."""

    allowed: bool
    code: str = ""
    reason: str = ""
    advice: str = ""

    def require(self) -> None:
        """Enforce the answer.

        Raises:
            Refused: with the reason, if the action is not allowed.
        """
        if not self.allowed:
            raise Refused(self.code, self.reason, self.advice)


class RowActions(Value):
    """The actions of a row; where one is not allowed, ``reason`` and ``advice`` say why and what to do."""

    model_config = ConfigDict(populate_by_name=True)

    import_: Action = Field(alias="import")
    refresh: Action
    reprocess: Action


@dataclass(frozen=True, slots=True)
class Policy:
    """What of the vault's settings decides actions."""

    accepted_statuses: Collection[AcceptedStatus]
    automated_import: AutomatedImport
    active: bool = True


@dataclass(frozen=True, slots=True)
class OpenInvoice:
    """The AP invoice that the user has open while looking at the grid."""

    id: UUID
    blank: bool
    status: InvoiceStatus = "unprocessed"


ALLOWED = Action(allowed=True)

NOT_RECHECKED = "not_rechecked"
"""The warning on an AP invoice that was filled while Procore was silent; Process waits (product rule 7)."""


def row_actions(row: ProcoreInvoice, policy: Policy, open_invoice: OpenInvoice | None = None) -> RowActions:
    """Decide all actions of a row (product rules 2 to 5)."""
    return RowActions(
        import_=import_action(row, policy, open_invoice),
        refresh=refresh_action(row),
        reprocess=reprocess_action(row, policy),
    )


def import_action(row: ProcoreInvoice, policy: Policy, open_invoice: OpenInvoice | None = None) -> Action:
    """Product rule 3: no AP invoice yet, or it is the one that the user has open."""
    if row.invoice_id is not None:
        return _already_imported(row, open_invoice)
    if open_invoice is not None and not open_invoice.blank:
        return no(
            "open_invoice_not_blank",
            "The AP invoice that you have open is not blank.",
            "Open a new AP invoice, or import without an open one.",
        )
    return _importable(row, policy)


def refresh_action(row: ProcoreInvoice) -> Action:
    """Product rule 4: while unprocessed, and still in Procore."""
    if row.invoice_id is None:
        return no("not_imported", "There is no AP invoice to refresh.", "Import the Procore invoice first.")
    if row.invoice_status == "processed":
        return no("processed", "The AP invoice was handed over to the ledger and is never refreshed.")
    if row.drift is not None and row.drift.kind in ("deleted", "invisible"):
        return no(
            row.drift.kind,
            row.drift.what,
            "Look for the invoice in Procore; withdraw the AP invoice if it is gone.",
        )
    return ALLOWED


def reprocess_action(row: ProcoreInvoice, policy: Policy) -> Action:
    """Product rule 5: not imported, in error or held; accepted; and the vault automates imports."""
    if row.import_state not in ("not_imported", "error", "held"):
        words = {"in_queue": "It already waits in the queue.", "imported": "It is already imported."}
        return no(f"already_{row.import_state}", words[row.import_state], "Nothing needs to be done.")
    automated = automated_action(policy)
    return _importable(row, policy) if automated.allowed else automated


def automated_action(policy: Policy) -> Action:
    """Product rule 5: whether the vault automates imports at all, whatever the invoice."""
    if policy.automated_import == "none":
        return no(
            "no_automated_import",
            "This vault has no automated import behavior.",
            "Set it to queue or invoice in the vault's settings, or import by hand.",
        )
    if not policy.active:
        return no("vault_inactive", "This vault is deactivated.", "Activate the vault first.")
    return ALLOWED


def process_action(invoice: Invoice, drift: Drift | None) -> Action:
    """Product rule 11: unprocessed, filled, from Procore, and Procore has not taken it back."""
    if invoice.status == "processed":
        return no("processed", "The AP invoice was already handed over to the ledger.")
    if invoice.content is None or invoice.source is None:
        return no(
            "no_source", "The AP invoice did not come from Procore.", "Import a Procore invoice into it."
        )
    if drift is not None:
        words = (
            "Refresh the AP invoice or acknowledge the change with a reason."
            if drift.kind == "changed"
            else ("Settle it in Procore, then refresh.")
        )
        return no(f"drift_{drift.kind}", drift.what, words)
    if any(warned.code == NOT_RECHECKED for warned in invoice.warnings):
        return no(
            NOT_RECHECKED,
            "Procore has not yet confirmed what was filled from the stored copy.",
            "Wait until Procore has answered.",
        )
    return ALLOWED


def accepted_action(procore_status: str, policy: Policy) -> Action:
    """Product rule 2: only invoices in a status that the vault accepts."""
    if not policy.active:
        return no("vault_inactive", "This vault is deactivated.", "Activate the vault first.")
    if procore_status not in policy.accepted_statuses:
        accepted = " or ".join(status.replace("_", " ") for status in policy.accepted_statuses)
        return no(
            "status_not_accepted",
            f"Its status in Procore is {procore_status.replace('_', ' ')!r}.",
            f"Invoices are imported once they are {accepted} in Procore.",
        )
    return ALLOWED


def _importable(row: ProcoreInvoice, policy: Policy) -> Action:
    if row.drift is not None and row.drift.kind in ("deleted", "invisible"):
        return no(row.drift.kind, row.drift.what, "Look for the invoice in Procore.")
    return accepted_action(row.procore_status, policy)


def _already_imported(row: ProcoreInvoice, open_invoice: OpenInvoice | None) -> Action:
    if open_invoice is not None and open_invoice.id == row.invoice_id:
        return no(
            "already_tied",
            "The open AP invoice already came from this Procore invoice.",
            "Use refresh to see what changed in Procore.",
        )
    return no(
        "already_imported",
        "This Procore invoice already has an AP invoice.",
        "Open that AP invoice instead.",
    )


def no(code: str, reason: str, advice: str = "") -> Action:
    """An action that is not allowed."""
    return Action(allowed=False, code=code, reason=reason, advice=advice)
