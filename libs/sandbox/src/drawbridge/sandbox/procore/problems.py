"""Refusals in Procore's own shapes.

Procore answers errors in several forms; the double uses each where the real API is known to.
"""

from drawbridge.sandbox.procore.values import Record


class ProcoreProblem(Exception):
    """An answer other than success: HTTP ``status``, JSON ``body`` and extra ``headers``."""

    def __init__(self, status: int, body: Record, headers: dict[str, str] | None = None) -> None:
        super().__init__(f"{status} {body}")
        self.status = status
        self.body = body
        self.headers = headers or {}


def declared(status: int, message: str, reason: str = "", fields: str = "") -> ProcoreProblem:
    """The error object that version 1 of the API declares for 400, 401, 403 and 422."""
    body = {"code": status, "message": message, "fields": fields, "reason": reason, "error": None}
    return ProcoreProblem(status, body)


def not_found(what: str) -> ProcoreProblem:
    """404: the record does not exist, or the caller may not see it. Procore does not say which."""
    message = f"Couldn't find {what}"
    return ProcoreProblem(404, {"message": message, "exception": "ActiveRecord::RecordNotFound"})


def forbidden(message: str) -> ProcoreProblem:
    """403: no permission, a disabled tool, or an app that is not installed."""
    return declared(403, message, reason="forbidden")


def invalid(field: str, message: str) -> ProcoreProblem:
    """422: a business rule says no; ``{"errors": {field: [message]}}``."""
    return ProcoreProblem(422, {"errors": {field: [message]}})


def duplicate(field: str) -> ProcoreProblem:
    """409: the value is taken by another record."""
    return ProcoreProblem(409, {"errors": {field: ["has already been taken"]}})


def refused_v2(status: int, code: str, message: str, source: str = "") -> ProcoreProblem:
    """The error object of the API's version 2."""
    details = [{"reason_code": code, "message": message, "source": source}] if source else []
    return ProcoreProblem(status, {"error": {"code": code, "message": message, "details": details}})


def oauth(status: int, error: str, description: str) -> ProcoreProblem:
    """The OAuth error object, also used for a refused bearer token."""
    headers = {"WWW-Authenticate": f'Bearer realm="Procore", error="{error}"'} if status == 401 else {}  # noqa: PLR2004 - HTTP's own number
    return ProcoreProblem(status, {"error": error, "error_description": description}, headers)
