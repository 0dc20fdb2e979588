"""The double as a web application."""

from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from drawbridge.sandbox.procore.control import faults, records
from drawbridge.sandbox.procore.control import requisitions as control_requisitions
from drawbridge.sandbox.procore.control import webhooks as control_webhooks
from drawbridge.sandbox.procore.problems import ProcoreProblem, declared
from drawbridge.sandbox.procore.routes import (
    codes,
    commitments,
    contract_payments,
    oauth,
    projects,
    requisitions,
    vendors,
    webhooks,
)
from drawbridge.sandbox.procore.security import caller
from drawbridge.sandbox.procore.state import Procore
from drawbridge.sandbox.procore.wire import Wire


def create_app(procore: Procore) -> FastAPI:
    """The double around one state; several may live in one process."""
    app = FastAPI(title="Procore double", description=__doc__ or "")
    app.state.procore = procore
    app.add_middleware(Wire, procore=procore)
    app.include_router(oauth.router)
    for module in (projects, vendors, codes, commitments, requisitions, contract_payments, webhooks):
        app.include_router(module.router, dependencies=[Depends(caller)])
    for control in (faults, records, control_requisitions, control_webhooks):
        app.include_router(control.router)

    @app.exception_handler(ProcoreProblem)
    async def answer_problem(_: Request, problem: ProcoreProblem) -> JSONResponse:
        return JSONResponse(problem.body, problem.status, problem.headers)

    @app.exception_handler(RequestValidationError)
    async def answer_unreadable(_: Request, error: RequestValidationError) -> JSONResponse:
        fields = ", ".join(str(problem["loc"][-1]) for problem in error.errors())
        message = f"The request cannot be read: {error.errors()[0]['msg']}"
        return JSONResponse(declared(400, message, reason="bad_request", fields=fields).body, 400)

    @app.exception_handler(HTTPException)
    async def answer_unknown(_: Request, error: HTTPException) -> JSONResponse:
        body = {"message": error.detail, "exception": "ActionController::RoutingError"}
        return JSONResponse(body, error.status_code)

    @app.get("/readyz")
    async def ready() -> dict[str, str]:
        """Answer as soon as the double can be called."""
        return {"status": "ready"}

    return app
