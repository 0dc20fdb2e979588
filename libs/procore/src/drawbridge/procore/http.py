"""One call to Procore: headers, limits, tokens, and what every answer or silence means.

Reads raise the error tree. Writes return an `Outcome`, because a write that got no answer may have been
applied: only errors before the request left count as not sent.
"""

import re
from collections.abc import Mapping
from typing import Any

import httpx

from drawbridge.contracts.errors import Refused, Retryable, Waiting
from drawbridge.procore.exchange import AnswerTooLarge, exchange, silence
from drawbridge.procore.limits import DOWN, LIMIT, RateLimiter
from drawbridge.procore.outcomes import Ambiguous, NotSent, Ok, Outcome, Rejected
from drawbridge.procore.problems import TOO_MUCH, problem_from
from drawbridge.procore.tokens import Credentials, TokenProvider
from drawbridge.procore.values import read_json

type Params = Mapping[str, str | int]

TIMEOUT = httpx.Timeout(connect=5.0, read=30.0, write=10.0, pool=5.0)
"""Seconds for each step of a call."""

_POOL = httpx.Limits(max_connections=20, max_keepalive_connections=10, keepalive_expiry=30.0)
UNREADABLE = "procore_unreadable"
"""The code of an answer that arrived but is not what was asked for."""

_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)


class ProcoreHttp:
    """The connection to one Procore company.

    Redirects are never followed and paths never name a host, so the token reaches the API host only.
    """

    def __init__(
        self,
        api_url: str,
        login_url: str,
        credentials: Credentials,
        company_id: int,
        limiter: RateLimiter,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._http = httpx.AsyncClient(
            timeout=TIMEOUT,
            limits=_POOL,
            follow_redirects=False,
            http1=True,
            http2=False,
            transport=transport,
        )
        self._api_url = api_url.rstrip("/")
        self._company_id = company_id
        self._limiter = limiter
        self._tokens = TokenProvider(self._http, login_url, credentials, limiter)

    async def close(self) -> None:
        """Close all connections."""
        await self._http.aclose()

    async def sign_in(self) -> None:
        """Get a token unless there is one; raises what `TokenProvider` raises."""
        await self._tokens.current()

    async def get(self, path: str, params: Params) -> httpx.Response:
        """Read; returns a 2xx answer.

        Raises:
            Waiting: Procore's limit was reached, or Procore asked to wait.
            Retryable: no answer, or a server error.
            Refused: any other answer, a second 401 included.
        """
        answer, token = await self._read(path, params)
        self._learn(answer)
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            self._tokens.forget(token)
            answer, _ = await self._read(path, params)
            self._learn(answer)
        if answer.is_success:
            return answer
        if answer.is_server_error:
            raise Retryable(f"Procore answered {answer.status_code}.", code="procore_error")
        raise problem_from(answer.status_code, answer.content, _project_of(path, params)).refused()

    async def write(self, method: str, path: str, *, params: Params, body: object = None) -> Outcome[Any]:
        """Create, change or delete; `Ok` holds the decoded body, or ``None`` if there was none.

        Raises:
            Waiting: the limit was reached (429) and nothing was applied.
            Refused: the app's credentials were not accepted, so nothing was sent.
        """
        try:
            token = await self._tokens.current()
            await self._limiter.turn()
        except Waiting:
            raise
        except Retryable as error:
            return NotSent(str(error))
        try:
            answer = await self._call(method, path, token, params, body)
        except _NEVER_SENT as error:
            return NotSent(f"Procore could not be reached ({type(error).__name__}).")
        except (httpx.HTTPError, TimeoutError) as error:
            return Ambiguous(f"The connection to Procore broke before its answer ({type(error).__name__}).")
        return self._outcome(answer, token, _project_of(path, params, body))

    def _outcome(self, answer: httpx.Response, token: str, project_id: object) -> Outcome[Any]:
        status = answer.status_code
        if status == httpx.codes.SERVICE_UNAVAILABLE:
            self._limiter.refused(answer.headers, DOWN)
            return Ambiguous("Procore answered 503.")
        self._learn(answer)
        if status == httpx.codes.UNAUTHORIZED:
            self._tokens.forget(token)
            return NotSent("Procore did not accept the access token.")
        if answer.is_server_error or status == httpx.codes.REQUEST_TIMEOUT:
            return Ambiguous(f"Procore answered {status}.")
        if not answer.is_success:
            return Rejected(problem_from(status, answer.content, project_id))
        try:
            return Ok(read_json(answer.content) if answer.content.strip() else None)
        except ValueError:
            return Ambiguous(f"Procore answered {status} with a body that is no JSON.")

    async def _read(self, path: str, params: Params) -> tuple[httpx.Response, str]:
        token = await self._tokens.current()
        await self._limiter.turn()
        try:
            return await self._call("GET", path, token, params, None), token
        except AnswerTooLarge as error:
            raise _too_large(path) from error
        except (httpx.HTTPError, TimeoutError) as error:
            raise Retryable(f"Procore {silence(error)}.", code="procore_unreachable") from error

    async def _call(self, method: str, path: str, token: str, params: Params, body: object) -> httpx.Response:
        """Make the call whose turn it is; without an answer the turn ends here, else where it is read."""
        headers = {
            "Authorization": f"Bearer {token}",
            "Procore-Company-Id": str(self._company_id),
            "Accept": "application/json",
        }
        if not path.startswith("/"):
            raise ValueError("A path must start with a slash: the token goes to the API host only.")
        request = self._http.build_request(
            method, f"{self._api_url}{path}", params=dict(params), json=body, headers=headers
        )
        try:
            return await exchange(self._http, request)
        except BaseException:  # cancelled, too: the turn is over
            self._limiter.unanswered()
            raise

    def _learn(self, answer: httpx.Response) -> None:
        """Feed the limiter; raises `Waiting` for the two answers that ask for patience."""
        if answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
            raise self._limiter.refused(answer.headers, LIMIT)
        if answer.status_code == httpx.codes.SERVICE_UNAVAILABLE:
            raise self._limiter.refused(answer.headers, DOWN)
        self._limiter.saw(answer.headers)


def _project_of(path: str, params: Params, body: object = None) -> object:
    """The project that a call is about, wherever the call names it; None if it names none."""
    in_path = re.search(r"/projects/(\d+)", path)
    if in_path:
        return in_path[1]
    return params.get("project_id") or (body.get("project_id") if isinstance(body, dict) else None)


def decoded(answer: httpx.Response, what: str) -> Any:  # noqa: ANN401  JSON can be anything
    """Decode an answer's body.

    Raises:
        Retryable: it is no JSON; mostly a page of a proxy or of a maintenance, so it may pass.
    """
    try:
        return read_json(answer.content)
    except ValueError as error:
        kind = answer.headers.get("content-type", "no content type").partition(";")[0]
        raise Retryable(
            f"Procore's answer for {what} is no JSON ({kind}).",
            code=UNREADABLE,
            advice="It is tried again; if it stays, look for a proxy or a maintenance page in between.",
        ) from error


def unreadable(what: str) -> Refused:
    """Return the refusal for JSON that arrived but is not what was asked for."""
    return Refused(
        UNREADABLE,
        f"Procore's answer for {what} cannot be read.",
        "Open it in Procore; if it looks right there, report this.",
    )


def _too_large(what: str) -> Refused:
    return Refused(
        TOO_MUCH,
        f"Procore's answer for {what} is too large to be read.",
        "Look in Procore for a record with very many lines or files.",
    )
