"""What verifies people's tokens; apart, because an API that takes keys alone need not carry its libraries."""

from collections.abc import Awaitable, Callable

import httpx

from drawbridge.gateway.entrypoints.http.jwks import SigningKeys
from drawbridge.gateway.entrypoints.http.tokens import OidcTokens
from drawbridge.gateway.settings import OidcSettings

_PROVIDER_SECONDS = 5.0
"""How long a caller waits for the identity provider's keys."""


def open_tokens(settings: OidcSettings, issuer: str) -> tuple[OidcTokens, Callable[[], Awaitable[None]]]:
    """Verifies the tokens of an identity provider; and what closes the connections to it."""
    client = httpx.AsyncClient(timeout=_PROVIDER_SECONDS, trust_env=False)
    tokens = OidcTokens(
        SigningKeys(client, issuer, settings.oidc_jwks_url),
        issuer=issuer,
        audience=settings.oidc_audience or "",  # settings refuse an issuer without one
        algorithms=settings.oidc_algorithms,
        skew_seconds=settings.oidc_clock_skew_seconds,
        subject_claim=settings.oidc_subject_claim,
        roles_claim=settings.oidc_roles_claim,
    )
    return tokens, client.aclose
