"""Refusals that HTTP tells apart. Any other `Refused` is a conflict with the state of things (409)."""

from drawbridge.contracts.errors import Refused


class NotFound(Refused):
    """There is no such thing, or the caller may not know of it (404)."""


class Forbidden(Refused):
    """The caller may know of the thing, but not do this with it (403)."""


class Invalid(Refused):
    """The request itself is wrong, whatever the state of things (422)."""


class Outdated(Refused):
    """The caller changes a version that is no longer the current one (412)."""


def no_vault(vault_id: str) -> NotFound:
    """The refusal for a vault that does not exist."""
    return NotFound(
        "vault_not_found", f"There is no vault {vault_id!r}.", "List the vaults to see their ids."
    )
