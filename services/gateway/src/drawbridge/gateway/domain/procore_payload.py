"""What Procore posts to a webhook, in any of its payload versions: a pointer to a record, never the record.

Versions 2.0 and 3.0 name a ``resource_name`` and an ``event_type`` and have numbers as ids; 4.0 names a
``resource_type`` and a ``reason``, and all its ids are strings. Unknown members are passed over.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic_core import from_json

_LARGEST_ID = 2**63 - 1
_LONGEST_TEXT = 255


@dataclass(frozen=True, slots=True)
class ProcoreEvent:
    """One event: ``id`` is one for all its deliveries; ``resource`` and ``reason`` are Procore's words."""

    id: str
    company_id: int
    resource: str
    resource_id: int
    project_id: int | None
    reason: str
    user_id: int | None
    application_id: str | None
    happened_at: datetime | None


def read_payload(body: bytes) -> ProcoreEvent | None:
    """Read a payload; None for what points to nothing that we could look at."""
    try:
        sent = from_json(body, allow_inf_nan=False)
    except ValueError:
        return None
    if not isinstance(sent, dict):
        return None
    known = _object(sent.get("metadata"))
    event_id = _text(sent.get("ulid")) or _text(sent.get("id"))
    company_id = _id(sent.get("company_id")) or _id(known.get("source_company_id"))
    resource = _text(sent.get("resource_type")) or _text(sent.get("resource_name"))
    resource_id = _id(sent.get("resource_id"))
    if not (event_id and company_id and resource and resource_id):
        return None
    return ProcoreEvent(
        id=event_id,
        company_id=company_id,
        resource=resource,
        resource_id=resource_id,
        project_id=_id(sent.get("project_id")) or _id(known.get("source_project_id")),
        reason=_text(sent.get("reason")) or _text(sent.get("event_type")),
        user_id=_id(sent.get("user_id")) or _id(known.get("source_user_id")),
        application_id=_text(known.get("source_application_id")) or None,
        happened_at=_moment(sent.get("timestamp")),
    )


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str:
    """Text or a number as text; too long a one is no name and no id."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    text = str(value).strip()
    return text if len(text) <= _LONGEST_TEXT and text.isprintable() else ""


def _id(value: object) -> int | None:
    text = _text(value)
    number = int(text) if text.isascii() and text.isdecimal() else 0
    return number if 0 < number <= _LARGEST_ID else None


def _moment(value: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return moment if moment is not None and moment.tzinfo else None
