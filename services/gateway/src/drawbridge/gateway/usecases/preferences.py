"""Remember what a front end wants to find again: column widths, filters."""

import json
from typing import Any

from drawbridge.gateway.domain.refusals import IF_MATCH_MISSING, Invalid, NotFound, Unconditional
from drawbridge.gateway.store.preferences import Preference, find_preference, save_preference
from drawbridge.gateway.usecases.compare_version import outdated
from drawbridge.gateway.usecases.tools import Asking, Tools

LARGEST = 16 * 1024
"""Bytes of one value as compact JSON."""


async def show_preference(tools: Tools, asking: Asking, key: str) -> Preference:
    """One of the caller's own.

    Raises:
        NotFound: when it was never set.
    """
    async with tools.database.reading() as session:
        found = await find_preference(session, asking.caller.name, key)
    if found is None:
        raise NotFound("preference_not_found", f"Nothing is remembered under {key!r}.", "PUT it first.")
    return found


async def put_preference(  # whose, under which name, what, and over which version
    tools: Tools,
    asking: Asking,
    key: str,
    value: Any,  # noqa: ANN401  # any JSON
    expected: int | None,
    *,
    blind: bool,
) -> Preference:
    """Remember a value; only the first one needs no version.

    Raises:
        Invalid: ``too_large``.
        Unconditional: when a remembered value would be replaced unseen.
        Outdated: when the caller has not seen the newest one.
    """
    size = len(json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode())
    if size > LARGEST:
        raise Invalid(
            "too_large", f"The value has {size} bytes; {LARGEST} are kept at most.", "Remember less."
        )
    async with tools.database.transaction() as tx:
        known = await find_preference(tx.session, asking.caller.name, key, lock=True)
        if known is not None and blind:
            raise Unconditional(*IF_MATCH_MISSING)
        current = known.version if known else 0
        if expected is not None and expected != current:
            raise outdated(current or None, [])
        stored = Preference(key=key, version=current + 1, value=value, updated_at=tx.now)
        await save_preference(tx.session, asking.caller.name, stored, tx.now)
    return stored
