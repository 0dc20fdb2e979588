"""The composition root: the only place that knows every part of the gateway."""

from datetime import timedelta
from functools import partial

import httpx

from drawbridge.gateway.entrypoints.http.app import create_app
from drawbridge.gateway.entrypoints.http.jwks import SigningKeys
from drawbridge.gateway.entrypoints.http.tokens import OidcTokens
from drawbridge.gateway.entrypoints.intake import commands_intake, events_intake, parked_intake
from drawbridge.gateway.settings import ApiSettings, OidcSettings, Settings
from drawbridge.gateway.store.bell import OperationBell
from drawbridge.gateway.store.measures import MEASURES
from drawbridge.gateway.store.owned import KEPT, OWNED
from drawbridge.gateway.store.streams import VaultStreams
from drawbridge.gateway.store.tables import SCHEMA
from drawbridge.gateway.usecases.announce_vaults import announce_vaults
from drawbridge.gateway.usecases.answer_once import forget_answers
from drawbridge.gateway.usecases.listen import forget_events
from drawbridge.gateway.usecases.tools import Tools
from drawbridge.messaging import Broker, Relay
from drawbridge.persistence import Database, WorkLoop, cleaning, measuring
from drawbridge.persistence.snapshots import SnapshotReader, SnapshotWork
from drawbridge.runtime import Component, periodic, supervise

SERVICE = "gateway"
_HOUR = timedelta(hours=1)
_PROVIDER_SECONDS = 5.0
"""How long a caller waits for the identity provider's keys."""


def open_database(settings: Settings) -> Database:
    """The gateway's own schema."""
    return Database(
        settings.database_url, schema=SCHEMA, service=SERVICE, pool_size=settings.database_pool_size
    )


def worker_components(database: Database, broker: Broker, settings: Settings) -> list[Component]:
    """The parts of the worker."""
    return [
        Relay(database, broker),
        events_intake(broker, database),
        commands_intake(broker, database),
        parked_intake(broker, database),
        WorkLoop(
            database,
            [SnapshotWork(database, OWNED)],
            concurrency=1,
            lease=timedelta(seconds=settings.lease_seconds),
        ),
        SnapshotReader(database, KEPT).component(),
        periodic(
            "announce vaults",
            timedelta(seconds=settings.announce_seconds),
            partial(announce_vaults, database),
        ),
        periodic("forget answers", _HOUR, partial(forget_answers, database)),
        periodic("forget events", _HOUR, partial(forget_events, database)),
        cleaning(database),
        measuring(database, MEASURES),
    ]


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


async def run_worker(settings: Settings) -> int:
    """Run the worker until a signal; gives the exit code."""
    database = open_database(settings)
    broker = Broker(settings.amqp_url, name="gateway worker")
    components = worker_components(database, broker, settings)
    return await supervise(
        "gateway worker", components, settings=settings, closers=[broker.close, database.dispose]
    )
