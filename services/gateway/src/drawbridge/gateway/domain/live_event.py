"""What a listener to a vault hears: which thing changed and how, not the thing itself.

A front end that shows the thing reads it again; so an event is small, and tells nothing that a route would
not tell the same caller.
"""

from collections.abc import Iterable

from drawbridge.contracts.values import Change, Value


class LiveEvent(Value):
    """One event. ``kind`` and ``id`` name the thing, ``what`` is the verb of its history."""

    kind: str
    id: str
    what: str
    version: int | None = None


def heard(lines: Iterable[tuple[str, int, Change]]) -> list[tuple[str, LiveEvent]]:
    """The vault and the event of each line of history; subjects are ``kind/vault/id``."""
    events: list[tuple[str, LiveEvent]] = []
    for subject, version, change in lines:
        kind, vault_id, *rest = subject.split("/", 2)
        identity = rest[0] if rest else vault_id
        events.append((vault_id, LiveEvent(kind=kind, id=identity, what=change.what, version=version)))
    return events


def operation_heard(vault_id: str, operation_id: object, status: str) -> tuple[str, LiveEvent]:
    """The event of an operation that went on."""
    return vault_id, LiveEvent(kind="operation", id=str(operation_id), what=status)
