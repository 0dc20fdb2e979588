"""Tokens of an OpenID Connect provider: signature, issuer, audience, algorithm and times are all pinned."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import jwt

from drawbridge.gateway.domain.caller import Caller
from drawbridge.gateway.domain.claims import caller_of
from drawbridge.gateway.domain.refusals import Unauthenticated
from drawbridge.gateway.entrypoints.http.jwks import SigningKeys

_REQUIRED = ["exp", "iat", "iss", "aud"]
_REASONS: dict[type[jwt.PyJWTError], str] = {
    jwt.ExpiredSignatureError: "The token has expired.",
    jwt.ImmatureSignatureError: "The token is not valid yet; compare the clocks.",
    jwt.InvalidAudienceError: "The token is for another application.",
    jwt.InvalidIssuerError: "The token is from another issuer.",
    jwt.InvalidSignatureError: "The token's signature is wrong.",
}


@dataclass(frozen=True, slots=True)
class OidcTokens:
    """Verifies tokens. ``skew_seconds`` is how far the issuer's clock may be off."""

    keys: SigningKeys
    issuer: str
    audience: str
    algorithms: Sequence[str]
    skew_seconds: float
    subject_claim: str
    roles_claim: str

    async def bearer(self, token: str) -> Caller:
        """Whom the token names, with the roles that it claims.

        Raises:
            Unauthenticated: when anything about it is not as it must be.
            Retryable: when the issuer's keys cannot be had.
        """
        try:
            claims = await self._verified(token)
        except jwt.PyJWTError as error:
            raise Unauthenticated(_REASONS.get(type(error), "This is no valid token.")) from None
        return caller_of(claims, subject_claim=self.subject_claim, roles_claim=self.roles_claim)

    async def _verified(self, token: str) -> dict[str, Any]:
        header = jwt.get_unverified_header(token)
        algorithm = str(header.get("alg"))
        if algorithm not in self.algorithms:
            raise Unauthenticated("The token is signed by an algorithm that is not allowed here.")
        key = await self.keys.key(header.get("kid"), algorithm)
        return jwt.decode(
            token,
            key,
            algorithms=[algorithm],
            issuer=self.issuer,
            audience=self.audience,
            leeway=self.skew_seconds,
            options={"require": _REQUIRED, "enforce_minimum_key_length": True},
        )
