"""Refusals that HTTP tells apart. Any other `Refused` is a conflict with the state of things (409)."""

from collections.abc import Sequence

from drawbridge.contracts.errors import Refused
from drawbridge.contracts.values import Change


class Unauthenticated(Refused):
    """The request carries no credential, or none that is valid (401)."""

    def __init__(self, message: str = "This request carries no valid key or token.") -> None:
        super().__init__("unauthenticated", message, "Send the header Authorization: Bearer KEY_OR_TOKEN.")


class TooMany(Refused):
    """The caller asks too often (429); ``after`` is the number of seconds to wait."""

    def __init__(self, after: float, message: str, advice: str) -> None:
        super().__init__("too_many_requests", message, advice)
        self.after = after


class NotFound(Refused):
    """There is no such thing, or the caller may not know of it (404)."""


class Forbidden(Refused):
    """The caller may know of the thing, but not do this with it (403)."""


class Invalid(Refused):
    """The request itself is wrong, whatever the state of things (422)."""


class WrongMedia(Refused):
    """The body is of a media type that is not taken here (415)."""


class Outdated(Refused):
    """The caller changes a version that is no longer the current one (412); ``changes`` came since."""

    def __init__(
        self,
        code: str,
        message: str,
        advice: str = "",
        *,
        current_version: int | None = None,
        changes: Sequence[Change] = (),
    ) -> None:
        super().__init__(code, message, advice)
        self.current_version = current_version
        self.changes = changes


class Unconditional(Refused):
    """The caller does not say which version to change (428)."""


IF_MATCH_MISSING = (
    "if_match_missing",
    "This change needs the header If-Match.",
    "Send the ETag that you have read; `*` changes whatever version there is.",
)


def no_vault(vault_id: str) -> NotFound:
    """The refusal for a vault that does not exist."""
    return NotFound(
        "vault_not_found", f"There is no vault {vault_id!r}.", "List the vaults to see their ids."
    )


def no_procore_invoice(requisition_id: int) -> NotFound:
    """The refusal for a Procore invoice that the vault's projects do not have, as far as is known."""
    return NotFound(
        "procore_invoice_not_found",
        f"This vault knows no Procore invoice {requisition_id}.",
        "Re-read its project; check that the project belongs to this vault.",
    )
