"""The FastAPI application: all routes, problem documents, the correlation id and the body limit."""

from collections.abc import Sequence

from fastapi import FastAPI
from fastapi.routing import APIRoute
from pydantic import SecretStr
from starlette.middleware.cors import CORSMiddleware

from drawbridge.gateway.domain.guessing import Guessing
from drawbridge.gateway.domain.rate_limit import RateLimit
from drawbridge.gateway.entrypoints.http import (
    audit,
    events,
    grants,
    idempotency,
    invoice_verbs,
    invoices,
    jobs,
    keys,
    me,
    openapi,
    operations,
    parked,
    payment_decisions,
    payments,
    preferences,
    problems,
    procore_invoices,
    projects,
    queue_documents,
    reconciliation,
    reprocess,
    requests,
    snapshots,
    vaults,
    vendor_map,
    webhooks,
)
from drawbridge.gateway.entrypoints.http.asking import Door
from drawbridge.gateway.entrypoints.http.body_limit import BodyLimitMiddleware
from drawbridge.gateway.entrypoints.http.correlation import CorrelationMiddleware
from drawbridge.gateway.entrypoints.http.security_headers import SecurityHeadersMiddleware
from drawbridge.gateway.store.streams import VaultStreams
from drawbridge.gateway.usecases.identify import Identities, Tokens
from drawbridge.gateway.usecases.tools import Tools

_ASKED_HEADERS = [
    "Authorization",
    "Content-Type",
    "Idempotency-Key",
    "If-Match",
    "Last-Event-ID",
    "Prefer",
    "X-Correlation-Id",
]
_TOLD_HEADERS = ["ETag", "Idempotent-Replayed", "Link", "Location", "Retry-After", "X-Correlation-Id"]
"""What front ends of allowed origins may send and read; keys are headers, so no cookies are allowed."""

RESOURCES = (
    procore_invoices,
    me,
    preferences,
    vaults,
    grants,
    events,
    projects,
    reprocess,
    queue_documents,
    invoices,
    invoice_verbs,
    vendor_map,
    payments,
    payment_decisions,
    reconciliation,
    jobs,
    requests,
    operations,
    parked,
    snapshots,
    audit,
    keys,
    webhooks,
)
"""Each is a module with a router, in the order of the document. They are tried in this order, so the grid,
which is asked for most, is the first."""

ROUTES = [each for resource in RESOURCES for each in resource.router.routes if isinstance(each, APIRoute)]

DESCRIPTION = """Drawbridge carries approved Procore subcontractor invoices into accounts payable,
and payments back.

Every error is a problem document (RFC 9457) with `code`, `advice` and `correlation_id`.
Commands answer with an operation: 200 once it has ended, else 202 with its address in `Location`.
"""


def create_app(  # noqa: PLR0913  # one for each thing that a deployment decides
    tools: Tools,
    *,
    key: SecretStr,
    streams: VaultStreams | None = None,
    tokens: Tokens | None = None,
    guessing: Guessing | None = None,
    requests_per_second: float = 100,
    cors_origins: Sequence[str] = (),
    max_wait_seconds: float = 30,
) -> FastAPI:
    """The API on these tools; ``key`` is the first operator's, ``tokens`` verifies those of people."""
    app = FastAPI(
        title="Drawbridge",
        version="1",
        description=DESCRIPTION,
        redoc_url=None,
        generate_unique_id_function=lambda route: route.name,
    )
    app.state.door = Door(
        tools,
        Identities(tools.database, key, tokens),
        RateLimit(requests_per_second),
        streams or VaultStreams(tools.database),
        max_wait_seconds,
        guessing or Guessing(),
    )
    problems.install(app)
    openapi.install(app, problems.ProblemDetails, vendor_map.VendorMapBody)
    idempotency.install(app)
    app.add_middleware(BodyLimitMiddleware)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=cors_origins,
        allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
        allow_headers=_ASKED_HEADERS,
        expose_headers=_TOLD_HEADERS,
    )
    app.add_middleware(SecurityHeadersMiddleware)
    app.add_middleware(CorrelationMiddleware)
    for resource in RESOURCES:
        app.include_router(resource.router)
    app.state.routes = ROUTES
    return app
