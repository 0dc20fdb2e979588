"""Who asks the gateway in tests: an identity provider with its keys, and clients of people and machines."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from typing import Any

import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from drawbridge.gateway.entrypoints.http.jwks import SigningKeys
from drawbridge.gateway.entrypoints.http.tokens import OidcTokens
from drawbridge.runtime import utc_now

ISSUER = "https://login.example.com/realm"
AUDIENCE = "drawbridge"


@dataclass
class Provider:
    """An OpenID Connect provider without a network: its keys can rotate, and it can be silent."""

    key_ids: list[str] = field(default_factory=lambda: ["first"])
    silent: bool = False
    asked: int = 0
    made: dict[str, rsa.RSAPrivateKey] = field(default_factory=dict)

    def key(self, key_id: str) -> rsa.RSAPrivateKey:
        """The private key of that id."""
        if key_id not in self.made:
            self.made[key_id] = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        return self.made[key_id]

    def public_key(self, key_id: str) -> dict[str, Any]:
        """The public key as the key set has it."""
        described: dict[str, Any] = json.loads(RSAAlgorithm.to_jwk(self.key(key_id).public_key()))
        return described | {"kid": key_id, "use": "sig"}

    @cached_property
    def elliptic(self) -> ec.EllipticCurvePrivateKey:
        """Another kind of key, under the id ``elliptic``."""
        return ec.generate_private_key(ec.SECP256R1())

    def key_set(self) -> list[dict[str, Any]]:
        """The public keys that are in use."""
        described = json.loads(ECAlgorithm.to_jwk(self.elliptic.public_key()))
        return [*map(self.public_key, self.key_ids), described | {"kid": "elliptic", "alg": "ES256"}]

    def tokens(self, **changes: Any) -> OidcTokens:  # noqa: ANN401  # any member
        """What verifies this provider's tokens."""
        client = httpx.AsyncClient(transport=httpx.MockTransport(self._answer))
        members: dict[str, Any] = {
            "keys": SigningKeys(client, ISSUER),
            "issuer": ISSUER,
            "audience": AUDIENCE,
            "algorithms": ("RS256", "ES256"),
            "skew_seconds": 30,
            "subject_claim": "sub",
            "roles_claim": "roles",
        }
        return OidcTokens(**(members | changes))

    def token(
        self,
        *roles: str,
        signed_by: str = "first",
        headers: Mapping[str, Any] | None = None,
        **claims: object,
    ) -> str:
        """A token of Anna's; ``claims`` replace the usual ones, None leaves one out."""
        now = utc_now()
        usual: dict[str, Any] = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": "anna",
            "iat": now,
            "exp": now + timedelta(minutes=5),
            "roles": list(roles),
        }
        said = {name: value for name, value in (usual | claims).items() if value is not None}
        return jwt.encode(said, self.key(signed_by), "RS256", headers={"kid": signed_by, **(headers or {})})

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked += 1
        if self.silent:
            raise httpx.ConnectError("silent")
        if request.url.path.endswith("/.well-known/openid-configuration"):
            return httpx.Response(200, json={"issuer": ISSUER, "jwks_uri": f"{ISSUER}/keys"})
        return httpx.Response(200, json={"keys": self.key_set()})


def bearer(credential: str) -> dict[str, str]:
    """The header with a credential."""
    return {"Authorization": f"Bearer {credential}"}
