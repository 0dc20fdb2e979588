"""A session with a Tryton server."""

import asyncio
from base64 import b64encode
from http import HTTPStatus
from typing import Any

import httpx

from drawbridge.contracts.errors import Refused, Retryable
from drawbridge.ledgers.tryton.address import TrytonAddress
from drawbridge.ledgers.tryton.wire import decode, encode

TITLE = "Tryton"
_TIMEOUT = httpx.Timeout(60, connect=10)


class Fault(Refused):
    """Tryton understood the call and failed at it: a broken record, say, or a missing model.

    Its own words are left out, for they may quote records.
    """

    def __init__(self, what: str) -> None:
        super().__init__(
            "ledger_unreadable",
            f"{TITLE} cannot give {what}.",
            "Let the ledger's user read invoices, payments and moves, and activate the modules"
            " account_invoice and account_payment.",
        )


class TrytonClient:
    """Calls methods of one database; logs in when needed, and again when the session has ended."""

    def __init__(self, address: TrytonAddress, timeout: httpx.Timeout = _TIMEOUT) -> None:
        self._address = address
        self._http = httpx.AsyncClient(timeout=timeout, trust_env=False)
        self._session: str | None = None
        self._door = asyncio.Lock()

    async def call(self, method: str, *params: object) -> Any:  # noqa: ANN401  the method decides
        """Call a method such as ``model.account.invoice.read``; gives what it returns.

        Raises:
            Retryable: ``ledger_unreachable``.
            Refused: ``ledger_login``, ``ledger_unreadable``; as `Fault` where the call itself failed.
        """
        session = self._session or await self._log_in(None)
        response = await self._post(method, params, session)
        if response.status_code == HTTPStatus.UNAUTHORIZED:  # sessions end after some minutes of silence
            response = await self._post(method, params, await self._log_in(session))
        answer = _answer(response)
        if "result" not in answer:
            raise Fault(method.removeprefix("model."))
        return answer["result"]

    async def close(self) -> None:
        """Close all connections; the session ends by itself."""
        await self._http.aclose()

    async def _log_in(self, old: str | None) -> str:
        """A session other than ``old``; only one call at a time asks for it."""
        async with self._door:
            if self._session is None or self._session == old:
                user, password = self._address.user, self._address.password.get_secret_value()
                params = (user, {"password": password}, "en")
                answer = _answer(await self._post("common.db.login", params, None))
                try:
                    user_id, token, *_ = answer["result"]
                except (KeyError, TypeError, ValueError):
                    raise _no_tryton() from None
                self._session = b64encode(f"{user}:{user_id}:{token}".encode()).decode()
            return self._session

    async def _post(self, method: str, params: tuple[object, ...], session: str | None) -> httpx.Response:
        headers = {"Content-Type": "application/json"}
        if session is not None:
            headers["Authorization"] = f"Session {session}"
        body = encode({"id": 0, "method": method, "params": list(params)})
        try:
            return await self._http.post(self._address.endpoint, content=body, headers=headers)
        except httpx.HTTPError as error:
            raise _away(type(error).__name__) from None


def _answer(response: httpx.Response) -> dict[str, Any]:
    status = response.status_code
    if status == HTTPStatus.UNAUTHORIZED:
        raise Refused(
            "ledger_login",
            f"{TITLE} refused the login.",
            "Check the user and the password of the ledger's URL.",
        )
    if status == HTTPStatus.NOT_FOUND:
        raise Refused(
            "ledger_login",
            f"{TITLE} has no such database.",
            "Check the address and the database name of the ledger's URL.",
        )
    if status == HTTPStatus.FORBIDDEN:
        raise Refused(
            "ledger_unreadable",
            f"{TITLE} forbids what is read.",
            "Let the ledger's user read invoices, payments and moves.",
        )
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.TOO_MANY_REQUESTS:
        raise _away(f"status {status}")
    try:
        answer = decode(response.content) if status == HTTPStatus.OK else None
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        raise _no_tryton()
    return answer


def _away(reason: str) -> Retryable:
    return Retryable(
        f"{TITLE} could not be read ({reason}).",
        code="ledger_unreachable",
        advice="Check that the Tryton server is up and can be reached from here.",
    )


def _no_tryton() -> Refused:
    return Refused(
        "ledger_unreadable",
        "What answers at the ledger's URL is no Tryton server.",
        "Check the address of the ledger's URL.",
    )
