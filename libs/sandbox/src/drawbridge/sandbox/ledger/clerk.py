"""The clerk's counter: write and void checks, look at bills and payments."""

from typing import Annotated, Any, Literal

from fastapi import FastAPI, Query, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict

from drawbridge.sandbox.ledger.bills import list_bills, post_bill
from drawbridge.sandbox.ledger.books import Books
from drawbridge.sandbox.ledger.checks import Check, Refusal, list_payments, void_check, write_check
from drawbridge.sandbox.ledger.events import InvoiceProcessed


class Void(BaseModel):
    """How a check is voided; ``bank`` where the same number lives at two banks."""

    model_config = ConfigDict(extra="forbid")

    shape: Literal["delete", "reversal"] = "reversal"
    bank: str | None = None


def create_clerk(books: Books) -> FastAPI:
    """The clerk's web application around open books."""
    app = FastAPI(title="Ledger clerk", description=__doc__ or "")

    @app.exception_handler(Refusal)
    async def refuse(_: Request, refusal: Refusal) -> JSONResponse:
        return JSONResponse({"message": str(refusal)}, refusal.status)

    @app.get("/readyz")
    async def ready() -> dict[str, str]:
        """Answer as soon as the books are open."""
        return {"status": "ready"}

    @app.get("/bills")
    async def bills(invoice_id: Annotated[str | None, Query()] = None) -> list[dict[str, Any]]:
        """All bills, or the one posted for an AP invoice of Drawbridge."""
        return await list_bills(books, invoice_id)

    @app.post("/bills", status_code=201)
    async def post(event: InvoiceProcessed) -> dict[str, int]:
        """Post a bill by hand, in the form of the public event."""
        return {"bill_id": await post_bill(books, event)}

    @app.post("/checks", status_code=201)
    async def write(check: Check) -> dict[str, Any]:
        """Write one check over one or more bills; parts of a bill are fine."""
        return await write_check(books, check)

    @app.post("/checks/{number}/void")
    async def void(number: str, how: Void) -> dict[str, Any]:
        """Void a check; its bills are open again."""
        return await void_check(books, number, how.shape, how.bank)

    @app.get("/payments")
    async def payments() -> list[dict[str, Any]]:
        """Every payment row, voids by reversal included."""
        return await list_payments(books)

    return app
