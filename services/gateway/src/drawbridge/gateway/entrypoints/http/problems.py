"""Every error is a problem document (RFC 9457) with ``code``, ``advice`` and ``correlation_id``."""

from collections.abc import Sequence
from http import HTTPStatus
from math import ceil
from typing import Any

from asyncpg import PostgresError
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel, Field
from sqlalchemy.exc import DBAPIError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from drawbridge.contracts import Refused, Retryable
from drawbridge.contracts.outcomes import Difference
from drawbridge.gateway.domain.operations import Operation
from drawbridge.gateway.domain.refusals import (
    IF_MATCH_MISSING,
    Forbidden,
    Invalid,
    NotFound,
    Outdated,
    TooMany,
    Unauthenticated,
    Unconditional,
    WrongMedia,
)
from drawbridge.gateway.store.history import HistoryLine
from drawbridge.gateway.store.stored import is_unstorable
from drawbridge.runtime import is_transient

MEDIA_TYPE = "application/problem+json"
_STATUSES: dict[type[Exception], int] = {
    Unauthenticated: 401,
    Forbidden: 403,
    NotFound: 404,
    Outdated: 412,
    WrongMedia: 415,
    Invalid: 422,
    Unconditional: 428,
    TooMany: 429,
}
"""Any other refusal is a conflict with the state of things (409)."""
_NO_IF_MATCH = ("missing", ("header", "if-match"))
_BY_STATUS = {
    400: ("bad_request", "This is no readable request.", "Send a well-formed request with a JSON body."),
    404: ("not_found", "There is no such path.", "See /docs for the paths of this API."),
    405: ("method_not_allowed", "This path has no such method.", "See /docs for the methods of this path."),
    413: ("body_too_large", "The request body is larger than 1 MiB.", "Send fewer rows at once."),
}


class WrongMember(BaseModel):
    """A member of the request that is wrong."""

    where: str = Field(examples=["body.procore.company_id"])
    message: str


class ProblemDetails(BaseModel):
    """RFC 9457. ``detail`` says what happened, ``advice`` what to do, ``code`` is for programs."""

    type: str = Field(examples=["urn:drawbridge:problem:vault_not_found"])
    title: str
    status: int
    detail: str
    code: str
    advice: str = ""
    correlation_id: str
    errors: list[WrongMember] | None = Field(default=None, description="with invalid_request only")
    operation_id: str | None = None
    differences: list[Difference] | None = Field(default=None, description="what changed in Procore")
    content_hash: str | None = Field(default=None, description="repeat with it to accept the differences")
    current_version: int | None = Field(default=None, description="with 412: the newest version")
    changes: list[HistoryLine] | None = Field(
        default=None, description="with 412: what changed since, the newest first"
    )


class ChangedInProcore(Exception):  # named for what happened, as the error tree is
    """A command was refused because Procore shows something else than the caller has seen."""

    def __init__(self, operation: Operation) -> None:
        super().__init__(operation.problem.message if operation.problem else "Changed in Procore.")
        self.operation = operation


def declared(*statuses: int, csv: str = "") -> dict[int | str, dict[str, Any]]:
    """The error responses of a route, for OpenAPI; those that every route can give need no mention.

    ``csv`` describes the columns of its other form, if it has one.
    """
    other: dict[int | str, dict[str, Any]] = {}
    if csv:
        other[200] = {
            "content": {"text/csv": {"schema": {"type": "string"}}},
            "description": f"As CSV: {csv}",
        }
    return other | {
        status: {
            "description": HTTPStatus(status).phrase,
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}},
        }
        for status in sorted({400, 401, 403, 413, 422, 429, 500, 503, *statuses})
    }


def problem_response(  # the members of the document
    status: int,
    code: str,
    detail: str,
    advice: str,
    correlation_id: str,
    *,
    headers: dict[str, str] | None = None,
    **members: Any,  # noqa: ANN401  # further members of the document
) -> JSONResponse:
    """One problem document."""
    body = ProblemDetails(
        type=f"urn:drawbridge:problem:{code}",
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        code=code,
        advice=advice,
        correlation_id=correlation_id,
        **members,
    )
    content = body.model_dump(mode="json", exclude_none=True)
    return JSONResponse(content, status, headers=headers, media_type=MEDIA_TYPE)


def http_problem(status: int, correlation_id: str, headers: dict[str, str] | None = None) -> JSONResponse:
    """What HTTP itself refuses: a path, a method, a body."""
    phrase = HTTPStatus(status).phrase
    other = (phrase.lower().replace(" ", "_").replace("-", "_"), f"{phrase}.", "See /docs.")
    code, detail, advice = _BY_STATUS.get(status, other)
    return problem_response(status, code, detail, advice, correlation_id, headers=headers)


def unexpected(error: Exception, correlation_id: str) -> JSONResponse:
    """What nobody foresaw; a lost database is only a matter of seconds."""
    if is_transient(error):
        advice = "Try again in a few seconds."
        headers = {"Retry-After": "2"}
        return problem_response(
            503, "unavailable", "The database does not answer.", advice, correlation_id, headers=headers
        )
    advice = "Give the correlation id to the operator; the log says more."
    return problem_response(500, "internal_error", "Something went wrong here.", advice, correlation_id)


def install(app: FastAPI) -> None:
    """Answer every kind of error with a problem document."""
    app.add_exception_handler(Refused, _refused)
    app.add_exception_handler(ChangedInProcore, _changed)
    app.add_exception_handler(Retryable, _away)
    app.add_exception_handler(DBAPIError, _unstorable)
    app.add_exception_handler(PostgresError, _unstorable)
    app.add_exception_handler(UnicodeError, _unstorable)
    app.add_exception_handler(RequestValidationError, _invalid_request)
    app.add_exception_handler(HTTPException, _http)


def status_of(refusal: type[Exception]) -> int:
    """The status of the answer to a refusal."""
    return _STATUSES.get(refusal, 409)


def _id(request: Request) -> str:
    return str(request.state.correlation_id)


async def _refused(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, Refused):
        raise error
    problem = error.problem
    status = status_of(type(error))
    headers: dict[str, str] = {}
    if isinstance(error, Unauthenticated):
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, TooMany):
        headers["Retry-After"] = str(ceil(error.after))
    members: dict[str, Any] = {}
    if isinstance(error, Outdated):
        members = {"current_version": error.current_version, "changes": error.changes}
    return problem_response(
        status, problem.code, problem.message, problem.advice, _id(request), headers=headers, **members
    )


async def _changed(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, ChangedInProcore):
        raise error
    operation, problem = error.operation, error.operation.problem
    return problem_response(
        409,
        problem.code if problem else "changed_in_procore",
        str(error),
        problem.advice if problem else "",
        _id(request),
        operation_id=str(operation.id),
        differences=list(operation.differences),
        content_hash=operation.content_hash,
    )


async def _away(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, Retryable):
        raise error
    problem, headers = error.problem, {"Retry-After": "10"}
    return problem_response(503, problem.code, problem.message, problem.advice, _id(request), headers=headers)


async def _unstorable(request: Request, error: Exception) -> JSONResponse:
    """A text with NUL or half a surrogate; every other error of the database stays what it is."""
    if isinstance(error, DBAPIError | PostgresError) and not is_unstorable(error):
        raise error
    return problem_response(
        422,
        "unstorable_text",
        "A text in the request holds a character that cannot be stored.",
        "Leave out NUL and half surrogates.",
        _id(request),
    )


async def _invalid_request(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, RequestValidationError):
        raise error
    if any((each["type"], each["loc"]) == _NO_IF_MATCH for each in error.errors()):
        return await _refused(request, Unconditional(*IF_MATCH_MISSING))
    wrong = [
        WrongMember(where=".".join(str(part) for part in each["loc"]), message=each["msg"])
        for each in error.errors()
    ]
    detail = f"The request is wrong at {wrong[0].where}: {wrong[0].message}." if wrong else "Wrong request."
    advice = "Correct the named members; /docs shows the shape."
    return problem_response(422, "invalid_request", detail, advice, _id(request), errors=wrong)


async def _http(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, HTTPException):
        raise error
    headers = dict(error.headers or {})
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(_methods(request))
    return http_problem(error.status_code, _id(request), headers)


def _methods(request: Request) -> list[str]:
    """The methods of the path; the framework names only those of the first route that has it."""
    routes: Sequence[APIRoute] = request.app.state.routes
    fitting = [each for each in routes if each.path_regex.match(request.url.path)]
    return sorted({method for each in fitting for method in each.methods or ()})
