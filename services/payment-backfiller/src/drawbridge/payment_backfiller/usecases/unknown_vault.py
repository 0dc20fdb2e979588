"""A command for a vault whose settings have not arrived (design: "A message for an unknown vault")."""

from datetime import timedelta

from drawbridge.contracts.errors import DrawbridgeError, Retryable, Unprocessable
from drawbridge.persistence import WorkItem
from drawbridge.runtime import utc_now

PATIENCE = timedelta(minutes=5)
"""How long a command waits for its vault's settings before it is parked."""


def unknown_vault(item: WorkItem) -> DrawbridgeError:
    """What to raise: try again for a while, then park."""
    message = f"Payment-backfiller knows no vault {item.vault_id!r}."
    if utc_now() - item.created_at < PATIENCE:
        return Retryable(message, code="unknown_vault", after=timedelta(seconds=30))
    return Unprocessable("unknown_vault", message, "Create the vault, then replay this message.")
