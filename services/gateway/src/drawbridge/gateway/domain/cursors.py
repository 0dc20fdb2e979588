"""Opaque page cursors: the sort key of the last row, packed so that nobody builds on its shape."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence

from drawbridge.gateway.domain.refusals import Invalid

_BIGINT = 2**63


def pack(key: Sequence[str | int]) -> str:
    """The cursor of a row with this sort key."""
    return urlsafe_b64encode(json.dumps(list(key), separators=(",", ":")).encode()).decode().rstrip("=")


def unpack(cursor: str, *kinds: type[str] | type[int]) -> list[str | int]:
    """The sort key inside a cursor.

    Raises:
        Invalid: ``bad_cursor``, when it is not one that this list gave.
    """
    try:
        key = json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if [type(part) for part in key] == list(kinds) and all(map(_in_range, key)):
            return list(key)
    except (ValueError, TypeError, RecursionError):
        pass
    raise Invalid("bad_cursor", "This cursor is not from this list.", "Begin again without a cursor.")


def _in_range(part: str | int) -> bool:
    return isinstance(part, str) or abs(part) < _BIGINT
