"""The composition root of the API; apart, because the worker would only carry FastAPI in its memory."""

from collections.abc import Awaitable, Callable

from drawbridge.gateway.entrypoints.http.app import create_app
from drawbridge.gateway.settings import ApiSettings
from drawbridge.gateway.store.bell import OperationBell
from drawbridge.gateway.store.opening import open_database
from drawbridge.gateway.store.streams import VaultStreams
from drawbridge.gateway.usecases.identify import Tokens
from drawbridge.gateway.usecases.tools import Tools
from drawbridge.runtime import supervise


async def run_api(settings: ApiSettings) -> int:
    """Serve the API until a signal; gives the exit code."""
    database = open_database(settings)
    bell = OperationBell(database)
    streams = VaultStreams(database, most_per_caller=settings.streams_per_caller)
    tokens, closers = _tokens(settings)
    app = create_app(
        Tools(database, bell),
        key=settings.bootstrap_key,
        streams=streams,
        tokens=tokens,
        requests_per_second=settings.requests_per_second,
        cors_origins=settings.cors_origins,
        max_wait_seconds=settings.max_wait_seconds,
    )
    closers.append(database.dispose)
    return await supervise("gateway api", [bell, streams], settings=settings, closers=closers, app=app)


def _tokens(settings: ApiSettings) -> tuple[Tokens | None, list[Callable[[], Awaitable[None]]]]:
    """Verifies the identity provider's tokens, if there is one; and what must be closed for it."""
    if settings.oidc_issuer is None:
        return None, []
    from drawbridge.gateway.wiring_oidc import open_tokens  # noqa: PLC0415  # its libraries weigh 15 MiB

    tokens, close = open_tokens(settings, settings.oidc_issuer)
    return tokens, [close]
