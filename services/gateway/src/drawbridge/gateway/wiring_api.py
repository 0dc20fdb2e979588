"""The composition root of the API; apart, because the worker would only carry FastAPI in its memory."""

import httpx

from drawbridge.gateway.entrypoints.http.app import create_app
from drawbridge.gateway.entrypoints.http.jwks import SigningKeys
from drawbridge.gateway.entrypoints.http.tokens import OidcTokens
from drawbridge.gateway.settings import ApiSettings, OidcSettings
from drawbridge.gateway.store.bell import OperationBell
from drawbridge.gateway.store.streams import VaultStreams
from drawbridge.gateway.usecases.tools import Tools
from drawbridge.gateway.wiring import open_database
from drawbridge.runtime import supervise

_PROVIDER_SECONDS = 5.0
"""How long a caller waits for the identity provider's keys."""


async def run_api(settings: ApiSettings) -> int:
    """Serve the API until a signal; gives the exit code."""
    database = open_database(settings)
    bell = OperationBell(database)
    streams = VaultStreams(database, most_per_caller=settings.streams_per_caller)
    client = httpx.AsyncClient(timeout=_PROVIDER_SECONDS, trust_env=False)
    app = create_app(
        Tools(database, bell),
        key=settings.bootstrap_key,
        streams=streams,
        tokens=oidc_tokens(settings, client),
        requests_per_second=settings.requests_per_second,
        cors_origins=settings.cors_origins,
        max_wait_seconds=settings.max_wait_seconds,
    )
    closers = [client.aclose, database.dispose]
    return await supervise("gateway api", [bell, streams], settings=settings, closers=closers, app=app)


def oidc_tokens(settings: OidcSettings, client: httpx.AsyncClient) -> OidcTokens | None:
    """Verifies the identity provider's tokens, if there is one."""
    if settings.oidc_issuer is None or settings.oidc_audience is None:
        return None
    return OidcTokens(
        SigningKeys(client, settings.oidc_issuer, settings.oidc_jwks_url),
        issuer=settings.oidc_issuer,
        audience=settings.oidc_audience,
        algorithms=settings.oidc_algorithms,
        skew_seconds=settings.oidc_clock_skew_seconds,
        subject_claim=settings.oidc_subject_claim,
        roles_claim=settings.oidc_roles_claim,
    )
