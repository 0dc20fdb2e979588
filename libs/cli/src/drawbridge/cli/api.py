"""The gateway's API, as the commands use it: JSON in, JSON out, every failure one sentence."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self

import httpx

from drawbridge.cli.terminal import fail, secret_from

URL = "DRAWBRIDGE_API_URL"
KEY = "DRAWBRIDGE_SECRET_API_KEY"
DEFAULT_URL = "http://127.0.0.1:8080"
_TIMEOUT = 30.0


class ApiError(Exception):
    """The API said no, or did not answer; the text is for people."""


class Api:
    """A session with the gateway. The key is read from the environment, never from an argument."""

    def __init__(self) -> None:
        self._url = os.environ.get(URL) or DEFAULT_URL
        key = secret_from(KEY, "an API key of the gateway")
        self._client = httpx.Client(
            base_url=self._url,
            headers={"authorization": f"Bearer {key.get_secret_value()}", "if-match": "*"},
            timeout=_TIMEOUT,
            trust_env=False,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def get(self, path: str, **query: str | int | bool | None) -> Any:  # noqa: ANN401  # JSON
        """Read. Raises `ApiError`."""
        return self._ask("GET", path, query)

    def pages(self, path: str, **query: str | int | bool | None) -> list[Any]:
        """All items of a list, page by page. Raises `ApiError`."""
        items: list[Any] = []
        cursor: str | None = None
        while True:
            page = self.get(path, **query, cursor=cursor)
            items += page["items"]
            cursor = page.get("next_cursor")
            if cursor is None:
                return items

    def put(self, path: str, body: object, **query: str | int | bool | None) -> Any:  # noqa: ANN401  # JSON
        """Create or replace. Raises `ApiError`."""
        return self._ask("PUT", path, query, body)

    def post(self, path: str, body: object = None) -> Any:  # noqa: ANN401  # JSON
        """Ask for something to be done. Raises `ApiError`."""
        return self._ask("POST", path, {}, body)

    def _ask(
        self, method: str, path: str, query: dict[str, str | int | bool | None], body: object = None
    ) -> Any:  # noqa: ANN401  # JSON
        params = {name: value for name, value in query.items() if value is not None}
        try:
            answer = self._client.request(method, path, params=params, json=body)
        except httpx.ConnectError:
            raise ApiError(f"Nobody answers at {self._url}. Start the gateway, or set {URL}.") from None
        except httpx.HTTPError as error:
            raise ApiError(f"The gateway at {self._url} did not answer ({type(error).__name__}).") from None
        if answer.is_error:
            raise ApiError(_sentence(answer))
        try:
            return answer.json()
        except ValueError:
            raise ApiError(f"{self._url} does not answer in JSON. Is {URL} the gateway?") from None


def _sentence(answer: httpx.Response) -> str:
    """What a problem document (RFC 9457) says, in one line."""
    try:
        problem = answer.json()
        members = [f"{each['where']}: {each['message']}." for each in problem.get("errors") or ()]
        words = [str(problem.get("detail") or problem["title"]), *members, str(problem.get("advice") or "")]
    except (ValueError, KeyError, TypeError, AttributeError):
        return f"The gateway answered {answer.status_code} without a reason."
    return " ".join(word for word in words if word)


@contextmanager
def failing_clearly() -> Iterator[None]:
    """End the command with the sentence of an `ApiError`."""
    try:
        yield
    except ApiError as error:
        fail(str(error))
