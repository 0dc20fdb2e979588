"""``/oauth``: client credentials tokens that live 90 minutes."""

import json
import secrets
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request

from drawbridge.sandbox.procore.problems import oauth
from drawbridge.sandbox.procore.queries import Double
from drawbridge.sandbox.procore.state import TOKEN_SECONDS
from drawbridge.sandbox.procore.values import FIRST_ID, Record

router = APIRouter(prefix="/oauth")


@router.post("/token")
async def create_token(request: Request, procore: Double) -> Record:
    """Give an app a token for its id and secret, sent as JSON or as a form."""
    sent = await _sent(request)
    if sent.get("grant_type") != "client_credentials":
        raise oauth(400, "unsupported_grant_type", "The authorization grant type is not supported.")
    client = str(sent.get("client_id", ""))
    secret = procore.clients.get(client, "")
    if not secret or not secrets.compare_digest(secret, str(sent.get("client_secret", ""))):
        raise oauth(401, "invalid_client", "Client authentication failed: unknown client or wrong secret.")
    text, token = procore.issue_token(client)
    return {
        "access_token": text,
        "token_type": "bearer",
        "expires_in": TOKEN_SECONDS,
        "created_at": int(token.issued_at.timestamp()),
    }


@router.get("/token/info")
async def show_token(request: Request, procore: Double) -> Record:
    """What a live token is and how long it lasts."""
    token = procore.live_token(request.headers.get("authorization", ""))
    if token is None:
        raise oauth(401, "invalid_token", "The access token is invalid")
    age = int((procore.now() - token.issued_at).total_seconds())
    return {
        "resource_owner_id": FIRST_ID,
        "scopes": [],
        "expires_in_seconds": TOKEN_SECONDS - age,
        "application": {"uid": token.client},
        "created_at": int(token.issued_at.timestamp()),
    }


async def _sent(request: Request) -> Mapping[str, Any]:
    if "json" not in request.headers.get("content-type", ""):
        return await request.form()
    try:
        sent = json.loads(await request.body())
    except ValueError:
        sent = None
    if not isinstance(sent, dict):
        raise oauth(400, "invalid_request", "The request body is not a JSON object.")
    return sent
