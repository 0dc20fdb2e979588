"""CloudEvents attributes, wherever a publisher put them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Self

_TRACEPARENT = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
_PREFIXES = ("ce-", "cloudevents:", "cloudevents_")


@dataclass(frozen=True, slots=True)
class Attributes:
    """The attributes that we use; ``present`` tells whether the message says that it is a CloudEvent."""

    present: bool = False
    spec_version: str | None = None
    id: str | None = None
    source: str | None = None
    type: str | None = None
    traceparent: str | None = None
    correlation_id: str | None = None

    @classmethod
    def of_document(cls, document: Mapping[str, object]) -> Self:
        """Structured mode: the attributes are members beside the data."""
        return cls._of(document, present=True)

    @classmethod
    def _of(cls, members: Mapping[str, object], *, present: bool) -> Self:
        return cls(
            present=present,
            spec_version=_text(members.get("specversion")),
            id=_text(members.get("id")),
            source=_text(members.get("source")),
            type=_text(members.get("type")),
            traceparent=_trace(members.get("traceparent")),
            correlation_id=_text(members.get("correlationid")),
        )

    def filled(self, *, source: str | None, type_: str | None) -> Self:
        """Take source and type from the AMQP properties where no attribute gives them."""
        return replace(self, source=self.source or source, type=self.type or type_)


def binary_attributes(headers: Mapping[str, object]) -> Attributes:
    """Binary mode: the attributes are headers with a prefix. The trace may come without one."""
    found: dict[str, object] = {}
    for name, value in headers.items():
        for prefix in _PREFIXES:
            if name.lower().startswith(prefix):
                found[name.lower().removeprefix(prefix)] = value
    present = "specversion" in found
    if "traceparent" in headers:
        found.setdefault("traceparent", headers["traceparent"])
    return Attributes._of(found, present=present)  # noqa: SLF001  # the module's own constructor


def _text(value: object) -> str | None:
    """A header's text; an empty one counts as absent, another type as its printed form."""
    if value is None:
        return None
    text = value.decode("utf-8", errors="replace") if isinstance(value, bytes) else str(value)
    return text or None


def _trace(value: object) -> str | None:
    """A W3C trace context; anything else is left out, because it is no reason to refuse a request."""
    text = _text(value)
    return text if text and _TRACEPARENT.fullmatch(text) else None
