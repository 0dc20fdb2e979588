"""What people may see of a parked message: no secrets, no endless text."""

import json
import re

from drawbridge.persistence import JSON
from drawbridge.runtime.logs import MASK, mask_text

LONGEST_TEXT = 500
DEEPEST = 20

_SECRET_KEY = re.compile(
    r"(token|secret|passw(or)?d|authorization|api[-_]?key|credential|cookie)", re.IGNORECASE
)
_SECRET_TEXT = re.compile(
    r"(?P<before>(token|secret|passw(or)?d|authorization|api[-_]?key)\"?\s*[:=]\s*\"?)[^\s\",;&]+", re.IGNORECASE
)


def preview(body: bytes) -> JSON:
    """The body as JSON if it is JSON, else as text; secrets masked, long text cut."""
    try:
        return redact(json.loads(body))
    except (ValueError, RecursionError):
        return _text(body[: 4 * LONGEST_TEXT].decode(errors="replace"))


def redact(value: JSON, depth: int = 0) -> JSON:
    """Mask the values of keys that sound like a secret, and secrets inside text, at any depth."""
    if depth > DEEPEST:
        return "…"
    if isinstance(value, dict):
        return {
            _cut(key): MASK if _SECRET_KEY.search(key) else redact(each, depth + 1)
            for key, each in value.items()
        }
    if isinstance(value, list):
        return [redact(each, depth + 1) for each in value]
    return _text(value) if isinstance(value, str) else value


def _text(text: str) -> str:
    return _cut(_SECRET_TEXT.sub(rf"\g<before>{MASK}", mask_text(text)))


def _cut(text: str) -> str:
    shown = text.replace("\x00", "\N{REPLACEMENT CHARACTER}")
    return shown if len(shown) <= LONGEST_TEXT else f"{shown[:LONGEST_TEXT]}… ({len(shown)} characters)"
