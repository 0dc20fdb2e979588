"""What people may see of a parked message: no secrets, no endless text."""

import json
import re
from math import isfinite

from drawbridge.persistence import JSON
from drawbridge.runtime.logs import MASK, mask_text

LONGEST_TEXT = 500
LONGEST_SEARCHED = 2000
"""Text is cut before secrets are looked for: the patterns take quadratic time in the worst case."""
DEEPEST = 20

_SECRET_KEY = re.compile(
    r"(token|secret|passw(or)?d|authorization|api[-_]?key|credential|cookie)", re.IGNORECASE
)
_SECRET_TEXT = re.compile(
    r"(?P<before>(token|secret|passw(or)?d|authorization|api[-_]?key)\"?\s*[:=]\s*\"?)[^\s\",;&]+",
    re.IGNORECASE,
)


def preview(body: bytes) -> JSON:
    """The body as JSON if it is JSON, else as text; secrets masked, long text cut."""
    try:
        return redact(json.loads(body))
    except (ValueError, RecursionError):
        return _text(body.decode(errors="replace"))


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
    return _text(value) if isinstance(value, str) else storable(value)


def storable(value: JSON) -> JSON:
    """The value as PostgreSQL can hold it: no NUL, no half characters, no NaN."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {clean(key): storable(each) for key, each in value.items()}
    if isinstance(value, list):
        return [storable(each) for each in value]
    return value if not isinstance(value, float) or isfinite(value) else str(value)


def clean(text: str) -> str:
    """Text without NUL and half surrogates, which PostgreSQL refuses."""
    return text.encode(errors="replace").decode().replace("\x00", "\N{REPLACEMENT CHARACTER}")


def _text(text: str) -> str:
    searched = text[:LONGEST_SEARCHED]
    masked = _SECRET_TEXT.sub(rf"\g<before>{MASK}", mask_text(searched))
    return _cut(masked, len(text))


def _cut(text: str, length: int | None = None) -> str:
    shown, length = clean(text), length or len(text)
    return shown if length <= LONGEST_TEXT else f"{shown[:LONGEST_TEXT]}… ({length} characters)"
