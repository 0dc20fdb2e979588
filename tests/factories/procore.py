"""Procore for tests of its client: one that answers what a test scripted, and a client of the double."""

import json
from datetime import UTC, datetime, timedelta

import httpx
from pydantic import SecretStr

from drawbridge.procore import Credentials, ProcoreClient, RateLimiter
from drawbridge.sandbox.procore import Procore, create_app
from drawbridge.sandbox.procore.state import DEFAULT_CLIENTS
from tests.factories.procore_document import CheckedTransport

API = "https://api.procore.test"
LOGIN = "https://login.procore.test"
COMPANY = 562949953421312
SECRET = "made-up-secret"

type Answer = httpx.Response | Exception


class Clock:
    """A clock that stands still until a test moves it."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **amount: float) -> None:
        self.now += timedelta(**amount)


class ScriptedProcore:
    """Hands out tokens by itself (``token-1``, ``token-2``) unless told otherwise; all else is scripted."""

    def __init__(self) -> None:
        self.requests: list[httpx.Request] = []
        self.token_requests: list[httpx.Request] = []
        self.answers: list[Answer] = []
        self.token_answers: list[Answer] = []

    def will_answer(self, *answers: Answer) -> None:
        self.answers.extend(answers)

    async def handle(self, request: httpx.Request) -> httpx.Response:
        if request.url.host == "login.procore.test":
            self.token_requests.append(request)
            answer = self.token_answers.pop(0) if self.token_answers else self._token()
        else:
            self.requests.append(request)
            answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def client(self, limiter: RateLimiter | None = None) -> ProcoreClient:
        return ProcoreClient(
            api_url=API,
            login_url=LOGIN,
            credentials=Credentials("made-up-client", SecretStr(SECRET)),
            company_id=COMPANY,
            limiter=limiter,
            transport=httpx.MockTransport(self.handle),
        )

    def sent(self, index: int = -1) -> object:
        return json.loads(self.requests[index].content)

    def _token(self) -> httpx.Response:
        number = len(self.token_requests)
        return httpx.Response(200, json={"access_token": f"token-{number}", "expires_in": 5400})


def client_of(double: Procore, secret: str | None = None) -> ProcoreClient:
    """A client that talks to the double without a network; with another secret, a stranger.

    Both are held to the document of what Drawbridge relies on, whatever the test is about.
    """
    client_id, known_secret = next(iter(DEFAULT_CLIENTS.items()))
    return ProcoreClient(
        api_url=API,
        login_url=LOGIN,
        credentials=Credentials(client_id, SecretStr(secret or known_secret)),
        company_id=double.company_id,
        transport=CheckedTransport(httpx.ASGITransport(create_app(double)), double.whole),
    )
