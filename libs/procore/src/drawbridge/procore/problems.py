"""Procore's refusals in one shape, whichever of its error bodies they came in (its guide, "Errors")."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from drawbridge.contracts.errors import Refused
from drawbridge.procore.values import read_json

NOT_FOUND = "procore_not_found"
"""The code of a 404: deleted or invisible, Procore does not say which."""

FORBIDDEN = "procore_forbidden"
"""The code of a 403: no permission, a tool that is off, or an app that is not installed."""

TOO_MUCH = "procore_too_much"
"""The code of an answer that is too large, for Procore (408) or for us."""

_LONGEST_MESSAGE = 500

_ADVICE: dict[int, tuple[str, str]] = {
    400: (
        "procore_bad_request",
        "Something is missing or malformed; see the message and report it if it stays.",
    ),
    401: (
        "procore_unauthorized",
        "Check the app's client id and secret, and that the app is still installed.",
    ),
    403: (
        FORBIDDEN,
        (
            "Either the service account is not permitted on {where}: add it in App Management; or it lacks"
            " the permission, the tool is off there, or the app is not installed for this company. Procore"
            " does not say which; ask a Procore admin to check all of them."
        ),
    ),
    404: (
        NOT_FOUND,
        (
            "Procore answers 404 both for deleted and for invisible records; check that the record still"
            " exists. If it does, the service account may not see it: check that it is permitted on {where}"
            " in App Management, and that the commitment is not private."
        ),
    ),
    406: ("procore_not_acceptable", "Procore does not know a member or type that was sent; report this."),
    408: (TOO_MUCH, "Procore found the request too large; ask for a shorter range."),
    409: ("procore_conflict", "A record with the same external id exists; compare it before trying again."),
    422: (
        "procore_invalid",
        "Procore's own rules forbid this now; see its message and correct it in Procore.",
    ),
}
_ADVICE |= dict.fromkeys(
    (301, 302, 303, 307, 308),
    (
        "procore_redirected",
        "Check the API address in the settings: the token is never sent to an address that an answer names.",
    ),
)
_OTHER = ("procore_refused", "See Procore's message; nothing was changed.")


class ProcoreProblem(BaseModel):
    """A refusal by Procore.

    ``code`` is stable snake case, ``message`` is Procore's own, ``fields`` maps member names to complaints.
    """

    model_config = ConfigDict(frozen=True)

    status: int
    code: str
    message: str
    fields: dict[str, list[str]] = Field(default_factory=dict)
    advice: str

    def refused(self) -> Refused:
        """Return the same refusal as an error of the tree."""
        return Refused(self.code, f"Procore answered {self.status}: {self.message}", self.advice)


def problem_from(status: int, body: bytes, project_id: object = None) -> ProcoreProblem:
    """Read any error body of Procore: v1, its practical variants, v2 and OAuth; never raises.

    ``project_id`` is the project that the call was about, for the advice to name it.
    """
    code, advice = _ADVICE.get(status, _OTHER)
    advice = advice.replace("{where}", f"project {project_id}" if project_id else "this project")
    try:
        content = read_json(body)
    except ValueError:
        content = None
    found = content if isinstance(content, dict) else {}
    fields = _fields(found)
    message = _message(found) or _joined(fields) or "no reason given."
    return ProcoreProblem(
        status=status, code=code, message=message[:_LONGEST_MESSAGE], fields=fields, advice=advice
    )


def _message(body: dict[str, Any]) -> str:
    """Return the first sentence a person can use; ``reason`` and the OAuth description are the fullest."""
    envelope = body.get("error")
    if isinstance(envelope, dict):  # v2: {"error": {"code", "message", "details"}}
        return _text(envelope.get("message"))
    candidates = (
        body.get("error_description"),
        body.get("message"),
        body.get("reason"),
        _listed(body.get("errors")),
        body.get("errors"),
        envelope,
    )
    return next((text for text in map(_text, candidates) if text), "")


def _fields(body: dict[str, Any]) -> dict[str, list[str]]:
    envelope = body.get("error")
    if isinstance(envelope, dict):
        return _detail_fields(envelope.get("details"))
    errors = body.get("errors")
    if isinstance(errors, dict):
        return {str(name): _texts(complaints) for name, complaints in errors.items()}
    named, reason = _text(body.get("fields")), _text(body.get("reason"))
    return {named: [reason or _text(body.get("message"))]} if named else {}


def _detail_fields(details: object) -> dict[str, list[str]]:
    fields: dict[str, list[str]] = {}
    for detail in details if isinstance(details, list) else []:
        if isinstance(detail, dict):
            source = _text(detail.get("source")) or "request"
            fields.setdefault(source, []).append(
                _text(detail.get("message")) or _text(detail.get("reason_code"))
            )
    return fields


def _joined(fields: dict[str, list[str]]) -> str:
    return "; ".join(f"{name} {', '.join(complaints)}" for name, complaints in fields.items())


def _listed(errors: object) -> str:
    """Errors as a bare list of sentences."""
    return "; ".join(filter(None, map(_text, errors))) if isinstance(errors, list) else ""


def _texts(value: object) -> list[str]:
    return [str(entry) for entry in value] if isinstance(value, list) else [str(value)]


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""
