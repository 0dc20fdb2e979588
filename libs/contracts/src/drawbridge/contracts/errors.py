"""The one error tree: what went wrong decides what happens next.

::

    DrawbridgeError
    ├── Retryable       try again later; counts as an attempt
    │   └── Waiting     a limit or an outage: try again later, but this was no attempt
    ├── Refused         understood and answered no: an outcome, never tried again
    ├── Ambiguous       an outside write may or may not have been applied: look before repeating
    └── Unprocessable   cannot be handled at all: parked until a person replays or discards it
"""

from datetime import datetime, timedelta

from pydantic import BaseModel, ConfigDict


class Problem(BaseModel):
    """Why something did not happen, in words for the person who must act.

    ``code`` is stable snake case for programs, ``message`` says what happened, ``advice`` what to do.
    """

    model_config = ConfigDict(frozen=True)

    code: str
    message: str
    advice: str = ""


class DrawbridgeError(Exception):
    """Root of all errors that Drawbridge raises on purpose; always carries a `Problem`."""

    def __init__(self, code: str, message: str, advice: str = "") -> None:
        super().__init__(message)
        self.problem = Problem(code=code, message=message, advice=advice)


class Retryable(DrawbridgeError):
    """A failure that may pass by itself. ``after`` overrides the usual back-off."""

    def __init__(
        self,
        message: str,
        *,
        code: str = "temporary_failure",
        advice: str = "",
        after: timedelta | None = None,
    ) -> None:
        super().__init__(code, message, advice)
        self.after = after


class Waiting(Retryable):
    """Nothing was tried because a limit or an outage must pass first; no attempt is counted.

    ``reason`` is a stable code such as ``procore_limit`` or ``procore_down``; ``until`` is UTC.
    """

    def __init__(self, reason: str, until: datetime, message: str = "") -> None:
        super().__init__(message or f"Waiting ({reason}) until {until:%H:%M:%S} UTC.", code=reason)
        self.reason = reason
        self.until = until


class Refused(DrawbridgeError):
    """Understood and answered no. ``code`` names the rule, ``advice`` says what the person can do."""


class Ambiguous(DrawbridgeError):
    """An outside write whose answer never came: it may have been applied, now or later."""

    def __init__(self, message: str, advice: str = "") -> None:
        super().__init__("ambiguous", message, advice)


class Unprocessable(DrawbridgeError):
    """A message that could not be handled at all; it is parked with this reason, never dropped."""
