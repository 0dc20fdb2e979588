"""The FastAPI application: all routes, problem documents, the correlation id and the body limit."""

from fastapi import FastAPI
from pydantic import SecretStr

from drawbridge.gateway.entrypoints.http import (
    audit,
    idempotency,
    invoices,
    jobs,
    operations,
    parked,
    payments,
    problems,
    procore_invoices,
    projects,
    queue_documents,
    reprocess,
    requests,
    snapshots,
    vaults,
)
from drawbridge.gateway.entrypoints.http.asking import Door
from drawbridge.gateway.entrypoints.http.body_limit import BodyLimitMiddleware
from drawbridge.gateway.entrypoints.http.correlation import CorrelationMiddleware
from drawbridge.gateway.usecases.tools import Tools

DESCRIPTION = """Drawbridge carries approved Procore subcontractor invoices into accounts payable,
and payments back.

Every error is a problem document (RFC 9457) with `code`, `advice` and `correlation_id`.
Commands answer with an operation: 200 once it has ended, else 202 with its address in `Location`.
"""


def create_app(tools: Tools, *, key: SecretStr, max_wait_seconds: float = 30) -> FastAPI:
    """The API on these tools; ``key`` is the operator's."""
    app = FastAPI(title="Drawbridge", version="1", description=DESCRIPTION, redoc_url=None)
    app.state.door = Door(tools, key, max_wait_seconds)
    problems.install(app)
    idempotency.install(app)
    app.add_middleware(BodyLimitMiddleware)
    app.add_middleware(CorrelationMiddleware)
    for resource in (
        vaults,
        projects,
        procore_invoices,
        reprocess,
        queue_documents,
        invoices,
        payments,
        jobs,
        requests,
        operations,
        parked,
        snapshots,
        audit,
    ):
        app.include_router(resource.router)
    return app
