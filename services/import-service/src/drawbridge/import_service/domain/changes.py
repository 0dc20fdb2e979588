"""What a webhook of Procore is about, and whether Drawbridge itself was its cause.

Procore's names of records are discovered when webhooks are set up, and its payload versions may spell them
differently; so they are compared without case, blanks, punctuation and plural.
"""

from collections.abc import Iterable
from typing import Literal

from drawbridge.contracts.procore_changes import FollowChange

_INVOICES = frozenset({"drawrequest", "requisition", "billingsrequisition", "subcontractorinvoice"})
_PROJECTS = frozenset({"project"})


def concern_of(resource: str) -> Literal["invoice", "project"] | None:
    """What kind of record a resource name stands for; None where it is not ours."""
    plain = "".join(each for each in resource.lower() if each.isalnum()).removesuffix("s")
    if plain in _INVOICES:
        return "invoice"
    return "project" if plain in _PROJECTS else None


def invoice_resource(offered: Iterable[str]) -> str | None:
    """The name, among those that Procore offers, under which it tells of subcontractor invoices."""
    return next((name for name in offered if concern_of(name) == "invoice"), None)


def is_own(change: FollowChange, own_user_id: int | None, own_application_id: str) -> bool:
    """Whether our own app caused it. Payload version 4.0 does not name the app, only the user."""
    if change.application_id is not None:
        return change.application_id == own_application_id
    return own_user_id is not None and change.user_id == own_user_id
