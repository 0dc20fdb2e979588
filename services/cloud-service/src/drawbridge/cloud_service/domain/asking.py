"""Whether a reprocess request can be sent on, as far as cloud-service knows (product rule 5).

Only what import-service cannot see fresher is refused here: the vault's own settings, and rows that are
known to be done. The status in Procore is left to import-service, which looks there.
"""

from typing import Literal

from drawbridge.contracts.actions import Action, Policy, automated_action, reprocess_action
from drawbridge.contracts.procore_invoices import ProcoreInvoice
from drawbridge.contracts.vaults import VaultSettings

_DONE = ("already_imported", "already_in_queue")


def asking_action(row: ProcoreInvoice | None, settings: VaultSettings) -> Action:
    """Decide a request for a row, or for an invoice that nobody here has heard of yet.

    Of rows, only those that are imported or in the queue make a difference.
    """
    policy = policy_of(settings)
    automated = automated_action(policy)
    if row is None or not automated.allowed:
        return automated
    action = reprocess_action(row, policy)
    return action if action.code in _DONE else automated


def policy_of(settings: VaultSettings) -> Policy:
    """What of the settings decides actions."""
    return Policy(settings.accepted_statuses, settings.automated_import, active=settings.active)


def target_of(settings: VaultSettings) -> Literal["invoice", "queue"]:
    """What an import of this vault makes: its automated import behavior, which is not ``none`` here."""
    return "queue" if settings.automated_import == "queue" else "invoice"
