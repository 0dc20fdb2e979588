"""Access tokens of a service account: OAuth 2.0 client credentials at Procore's login host."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import httpx
from pydantic import SecretStr

from drawbridge.contracts.errors import Refused, Retryable
from drawbridge.procore.exchange import exchange, silence
from drawbridge.procore.limits import DOWN, LIMIT, RateLimiter, utc_now
from drawbridge.procore.problems import problem_from
from drawbridge.procore.values import read_json

_EARLY = timedelta(minutes=5)
_SHORTEST_LIFE = timedelta(seconds=30)
_USUAL_LIFE = 5400


@dataclass(frozen=True, slots=True)
class Credentials:
    """The app's client id and secret, as its page in Procore shows them."""

    client_id: str = field(repr=False)
    client_secret: SecretStr


@dataclass(frozen=True, slots=True)
class _Token:
    value: SecretStr
    refresh_at: datetime


class TokenProvider:
    """Hands out the current token, refreshed five minutes early and by one caller at a time.

    Raises `Refused` when Procore does not accept the credentials, `Waiting` when it is limited or down,
    `Retryable` when the login host cannot be reached.
    """

    def __init__(
        self,
        http: httpx.AsyncClient,
        login_url: str,
        credentials: Credentials,
        limiter: RateLimiter,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._http = http
        self._address = f"{login_url.rstrip('/')}/oauth/token"
        self._credentials = credentials
        self._limiter = limiter
        self._now = now
        self._lock = asyncio.Lock()
        self._token: _Token | None = None

    async def current(self) -> str:
        """Return a token that is good for some minutes."""
        async with self._lock:
            if self._token is None or self._token.refresh_at <= self._now():
                self._token = await self._ask()
            return self._token.value.get_secret_value()

    def forget(self, refused_token: str) -> None:
        """Drop the token that Procore just refused, unless another caller has already replaced it."""
        if self._token is not None and self._token.value.get_secret_value() == refused_token:
            self._token = None

    async def _ask(self) -> _Token:
        request = self._http.build_request(
            "POST",
            self._address,
            json={
                "grant_type": "client_credentials",
                "client_id": self._credentials.client_id,
                "client_secret": self._credentials.client_secret.get_secret_value(),
            },
        )
        try:
            answer = await exchange(self._http, request)
        except (httpx.HTTPError, TimeoutError) as error:
            raise Retryable(
                f"Procore's login host {silence(error)}.",
                code="procore_unreachable",
                advice="Check the login address and this machine's way to the internet.",
            ) from error
        self._check(answer)
        return self._read(answer.content)

    def _check(self, answer: httpx.Response) -> None:
        if answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
            raise self._limiter.refused(answer.headers, LIMIT)
        if answer.status_code == httpx.codes.SERVICE_UNAVAILABLE:
            raise self._limiter.refused(answer.headers, DOWN)
        if answer.is_server_error:
            raise Retryable(f"Procore's login host answered {answer.status_code}.", code="procore_error")
        if not answer.is_success:
            problem = problem_from(answer.status_code, answer.content)
            raise Refused(
                "procore_credentials",
                f"Procore did not accept the app's credentials: {problem.message}",
                "Check the client id and secret, and that they belong to this environment's login host.",
            )

    def _read(self, body: bytes) -> _Token:
        try:
            content = read_json(body)
            value, life = content["access_token"], int(content.get("expires_in") or _USUAL_LIFE)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise Retryable(
                "Procore's login host sent no token.",
                code="procore_unreadable",
                advice="Check that the login address is Procore's.",
            ) from error
        good_for = max(timedelta(seconds=life) - _EARLY, _SHORTEST_LIFE)
        return _Token(SecretStr(str(value)), self._now() + good_for)
