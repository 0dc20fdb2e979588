"""Who calls: bearer token, then the company header, in Procore's order."""

from typing import Annotated

from fastapi import Depends, Request

from drawbridge.sandbox.procore.problems import declared, forbidden, oauth
from drawbridge.sandbox.procore.queries import Double

NO_COMPANY = "Missing Procore-Company-Id header! Add the id of the company that the call is about."


def caller(request: Request, procore: Double) -> str:
    """The client id of the calling app.

    Raises ProcoreProblem 401 (token), 400 (no company header) or 403 (another company).
    """
    token = procore.live_token(request.headers.get("authorization", ""))
    if token is None:
        raise oauth(401, "invalid_token", "The access token is invalid")
    company = request.headers.get("procore-company-id", "")
    if not company:
        raise declared(400, NO_COMPANY, reason="bad_request")
    if company != str(procore.company_id):
        raise forbidden("App is not connected to this company")
    return token.client


Caller = Annotated[str, Depends(caller)]
