"""The identity provider's public keys: found by discovery, cached, and fetched again when they rotate."""

import asyncio
from collections.abc import Mapping
from time import monotonic
from typing import Any

import httpx
import jwt

from drawbridge.contracts.errors import Retryable
from drawbridge.gateway.domain.refusals import Unauthenticated
from drawbridge.runtime import get_logger

_FRESH_SECONDS = 600.0
_USABLE_SECONDS = 86_400.0
"""How long keys are believed while the provider does not answer."""
_COOLDOWN_SECONDS = 10.0
"""Tokens with made-up key ids make us ask the provider no more often than this."""
_KINDS = frozenset({"RSA", "EC", "OKP"})
"""Public keys only: a shared secret in a key set could be anybody's."""
_log = get_logger(__name__)


class SigningKeys:
    """The key set of one issuer. ``url`` names it where the issuer has no discovery document."""

    def __init__(self, client: httpx.AsyncClient, issuer: str, url: str | None = None) -> None:
        self._client = client
        self._issuer = issuer
        self._url = url
        self._keys: list[Mapping[str, Any]] = []
        self._fetched_at = float("-inf")
        self._tried_at = float("-inf")
        self._lock = asyncio.Lock()

    async def key(self, key_id: str | None, algorithm: str) -> jwt.PyJWK:
        """The public key that a token says it is signed with, for that algorithm and no other.

        Raises:
            Unauthenticated: when the issuer has no such key.
            Retryable: when the issuer cannot be asked.
        """
        if monotonic() - self._fetched_at > _FRESH_SECONDS or self._find(key_id, algorithm) is None:
            await self._fetch()
        if monotonic() - self._fetched_at > _USABLE_SECONDS:
            raise Retryable(
                "The identity provider does not answer.",
                code="identity_provider_away",
                advice="Try again in a minute; keys of machines work meanwhile.",
            )
        found = self._find(key_id, algorithm)
        if found is None:
            raise Unauthenticated("The token is signed with a key that its issuer does not have.")
        return found

    def _find(self, key_id: str | None, algorithm: str) -> jwt.PyJWK | None:
        """A token without a key id is only clear where there is one key."""
        named = [each for each in self._keys if key_id is not None and each.get("kid") == key_id]
        chosen = named or (self._keys if key_id is None and len(self._keys) == 1 else [])
        for each in chosen:
            if each.get("alg", algorithm) == algorithm:
                try:
                    return jwt.PyJWK(dict(each), algorithm)
                except (jwt.PyJWKError, jwt.InvalidKeyError):
                    continue
        return None

    async def _fetch(self) -> None:
        """Fetch the keys, unless that was tried just now; without an answer the known ones stay."""
        async with self._lock:
            if monotonic() - self._tried_at < _COOLDOWN_SECONDS:
                return
            self._tried_at = monotonic()
            try:
                self._keys = await self._ask()
            except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
                _log.warning("jwks.unreadable", issuer=self._issuer, error=type(error).__name__)
            else:
                self._fetched_at = monotonic()
                _log.info("jwks.fetched", issuer=self._issuer, keys=len(self._keys))

    async def _ask(self) -> list[Mapping[str, Any]]:
        url = self._url or await self._discovered()
        keys = (await self._json(url))["keys"]
        return [each for each in keys if each.get("kty") in _KINDS and each.get("use", "sig") == "sig"]

    async def _discovered(self) -> str:
        """The address in the issuer's discovery document (OpenID Connect Discovery 1.0, section 4)."""
        document = await self._json(f"{self._issuer.rstrip('/')}/.well-known/openid-configuration")
        if document["issuer"] != self._issuer:
            raise ValueError("the discovery document is another issuer's")
        return str(document["jwks_uri"])

    async def _json(self, url: str) -> Any:  # noqa: ANN401  # JSON
        answer = await self._client.get(url)
        answer.raise_for_status()
        return answer.json()
