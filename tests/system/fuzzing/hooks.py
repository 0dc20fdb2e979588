"""Loaded by schemathesis: which refusals of a request that fits its schema are right all the same.

A schema says what a request looks like; it cannot say which of them suit the state of things, the clock, or a
grammar of its own. Schemathesis knows this of 401, 403, 404, 409 and 429. These codes are the rest: each one
is named with its reason, and any other refusal of a valid request is a failure.
"""

from uuid import uuid4

import schemathesis
from schemathesis import Case, HookContext, Response
from schemathesis.core.failures import AcceptedNegativeData, Failure
from schemathesis.generation.meta import CoverageScenario
from schemathesis.openapi.checks import (
    EnsureResourceAvailability,
    MissingHeaderNotRejected,
    RejectedPositiveData,
)

EXAMPLE_KEY = "018f3c6e-7a10-4c1e-9d52-3f0e5a7b9c11"

EXPLAINED = {
    "outdated": "the version in If-Match is not the newest: state, as 409 is",
    "if_match_missing": "replacing what exists needs a version, creating it does not: state",
    "idempotency_key_reused": "the key came with another request before: state",
    "already_expired": "a key that expires in the past: the clock",
    "bad_cursor": "a cursor is opaque; only the list that gave it knows which texts are one",
    "bad_last_event_id": "as bad_cursor",
    "bad_vendor_map": "CSV has columns, which a schema of text cannot name; and no vendor comes twice",
    "bad_schedule": "cron expressions have a grammar of their own",
    "unknown_time_zone": "the names of time zones are in a database of their own",
    "no_such_line": "the AP invoice has no such line: state",
    "unstorable_text": "NUL and half surrogates are text for JSON, and none for a database",
    "too_large": "a value of more than 16 KiB: schemas do not count bytes",
}


_TOO_LARGE = "Input should be less than 9223372036854775808"
"""Schemathesis compares integers of 63 bits as floats, and takes some that are larger for valid ones."""
NOT_MADE_YET = {"invoice_not_found", "run_not_found"}
"""A 202 has the id of its operation, which schemathesis takes for that of the AP invoice or run. They are
made by other services, which do not run here; the operation tells how far it is.
"""


@schemathesis.hook  # type: ignore[untyped-decorator]  # it is not in our environment
def filter_failure(_context: HookContext, failure: Failure, case: Case, response: Response) -> bool:
    """Keep every failure but those above."""
    code = response.json().get("code") if response.status_code >= 400 else None
    match failure:
        case RejectedPositiveData():
            return code not in EXPLAINED and _TOO_LARGE not in response.text
        case AcceptedNegativeData():
            return (case.headers or {}).get("if-match") != ""  # where it is optional, an empty one is none
        case MissingHeaderNotRejected():
            return bool(response.status_code != 428)  # what RFC 6585 has for a missing If-Match
        case EnsureResourceAvailability():
            return code not in NOT_MADE_YET
    return True


@schemathesis.hook  # type: ignore[untyped-decorator]  # it is not in our environment
def before_call(_context: HookContext, case: Case, _kwargs: dict[str, object]) -> None:
    """A fresh Idempotency-Key for each new request, as its description says; else nearly all are repeats.

    A request that lacks something on purpose is left alone: schemathesis would no longer know that it does.
    """
    if getattr(case.meta and case.meta.phase.data, "scenario", None) is CoverageScenario.MISSING_PARAMETER:
        return
    if case.headers and case.headers.get("idempotency-key") == EXAMPLE_KEY:
        case.headers["idempotency-key"] = str(uuid4())
