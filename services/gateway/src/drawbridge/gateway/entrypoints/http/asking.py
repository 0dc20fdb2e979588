"""What routes ask of a request: who calls, in which story, with which tools, on which page.

Every dependency is ``async``, also where it waits for nothing: FastAPI runs a plain function in a thread, and
each of them would cost a request as much as a query does.
"""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from time import monotonic
from typing import Annotated, cast
from uuid import UUID

from fastapi import Depends, Header, Path, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from drawbridge.contracts import Cause
from drawbridge.contracts.values import ProcoreId, VaultId
from drawbridge.gateway.domain.caller import Caller, Role
from drawbridge.gateway.domain.guessing import Guessing
from drawbridge.gateway.domain.rate_limit import RateLimit
from drawbridge.gateway.domain.refusals import (
    Invalid,
    TooMany,
    Unauthenticated,
)
from drawbridge.gateway.store.streams import VaultStreams
from drawbridge.gateway.usecases.identify import Identities
from drawbridge.gateway.usecases.tools import Asking, Tools

DEFAULT_WAIT = 5.0

type VaultPath = Annotated[VaultId, Path(description="the vault's id", examples=["main"])]

BEARER = HTTPBearer(auto_error=False, description="an API key, or a token of the identity provider")
_WAIT = re.compile(r"(?:^|[,;\s])wait\s*=\s*(\d{1,4})(?=$|[,;\s])")
_ETAG = re.compile(r'(?:W/)?"(\d{1,18})"')
_IF_MATCH_FORM = r'^(\*|(W/)?"[0-9]{1,18}")$'


@dataclass(frozen=True, slots=True)
class Door:
    """What the application keeps for its routes."""

    tools: Tools
    identities: Identities
    limit: RateLimit
    streams: VaultStreams
    max_wait_seconds: float
    guessing: Guessing


def door(request: Request) -> Door:
    """The application's door."""
    return cast("Door", request.app.state.door)


async def tools(request: Request) -> Tools:
    """What use cases work with."""
    return door(request).tools


async def asking(
    request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(BEARER)]
) -> Asking:
    """The authenticated caller and the request's story.

    Raises:
        Unauthenticated: without a valid credential.
        TooMany: when the caller asks too often, or an address has given too many wrong credentials.
    """
    if credentials is None:
        raise Unauthenticated
    address = request.client.host if request.client else None
    caller = await _known(door(request), credentials.credentials, address or "")
    _count(request, caller.name)
    return Asking(caller, cause_of(request), address=address)


async def _known(at: Door, credential: str, address: str) -> Caller:
    after = at.guessing.wait(address, credential, monotonic())
    if after:
        raise TooMany(
            after,
            "Too many wrong credentials came from this address.",
            "Wait as long as Retry-After says, and check the key or token.",
        )
    try:
        caller = await at.identities.caller(credential)
    except Unauthenticated:
        at.guessing.failed(address, monotonic())
        raise
    at.guessing.succeeded(credential, monotonic())
    return caller


def cause_of(request: Request) -> Cause:
    """The story that a request belongs to."""
    return Cause(
        correlation_id=request.state.correlation_id,
        traceparent=request.state.traceparent,
    )


def _count(request: Request, caller: str) -> None:
    after = door(request).limit.wait(caller, monotonic())
    if after:
        raise TooMany(
            after,
            f"{caller} asks too often.",
            "Wait as long as Retry-After says; ask for larger pages, or listen to the vault's events.",
        )


def needs(role: Role) -> Callable[..., Awaitable[Asking]]:
    """The dependency of a route that only callers with this role in the path's vault may use."""

    async def needing(known: Annotated[Asking, Depends(asking)], vault_id: VaultPath) -> Asking:
        known.caller.require(role, vault_id)
        return known

    return needing


async def operator_only(known: Annotated[Asking, Depends(asking)]) -> Asking:
    """The dependency of a route that only operators may use."""
    known.caller.require_operator()
    return known


async def wait_seconds(
    request: Request,
    prefer: Annotated[
        str | None,
        Header(description="`wait=N`: seconds to wait for the outcome; default 5; 0 returns at once"),
    ] = None,
) -> float:
    """How long to wait for an operation (RFC 7240)."""
    return _wait(request, prefer, DEFAULT_WAIT)


async def asked_seconds(
    request: Request,
    prefer: Annotated[
        str | None, Header(description="`wait=N`: seconds to wait for its end; else the answer comes at once")
    ] = None,
) -> float:
    """How long to wait for an operation whose state is asked for."""
    return _wait(request, prefer, 0.0)


def _wait(request: Request, prefer: str | None, default: float) -> float:
    if prefer is None:
        return default
    if "respond-async" in prefer:
        return 0.0
    found = _WAIT.search(prefer)
    return min(float(found[1]), door(request).max_wait_seconds) if found else default


@dataclass(frozen=True, slots=True)
class Condition:
    """What ``If-Match`` says: whether it is there, and the version inside; ``*`` takes any version."""

    given: bool
    version: int | None = None


_IF_MATCH = Header(
    description="the ETag that the caller has seen, or `*`; 412 if it is no longer current",
    examples=["*"],
    json_schema_extra={"pattern": _IF_MATCH_FORM},
)


async def condition(if_match: Annotated[str | None, _IF_MATCH] = None) -> Condition:
    """Read ``If-Match`` where it is not always needed.

    Raises:
        Invalid: ``bad_if_match``, when it is not one of our ETags.
    """
    return _read(if_match) if if_match else Condition(given=False)


def _read(if_match: str) -> Condition:
    if if_match.strip() == "*":
        return Condition(given=True)
    found = _ETAG.fullmatch(if_match.strip())
    if found is None:
        raise Invalid("bad_if_match", "If-Match is not an ETag of this API.", 'Send it as it came: "123".')
    return Condition(given=True, version=int(found[1]))


type ConditionOf = Annotated[Condition, Depends(condition)]


async def expected_version(given: ConditionOf) -> int | None:
    """The version that the caller has seen, where saying it is optional."""
    return given.version


async def required_version(if_match: Annotated[str, _IF_MATCH]) -> int | None:
    """The version that the caller has seen; ``*`` takes any. Without the header the answer is 428.

    Raises:
        Invalid: ``bad_if_match``, when it is not one of our ETags.
    """
    return _read(if_match).version


type ToolsOf = Annotated[Tools, Depends(tools)]
type CallerOf = Annotated[Asking, Depends(asking)]
"""Every route declares who may use it by one of these: anybody with a valid key or token, …"""
type ViewerOf = Annotated[Asking, Depends(needs("viewer"))]
type ProcessorOf = Annotated[Asking, Depends(needs("processor"))]
type AdminOf = Annotated[Asking, Depends(needs("admin"))]
"""… a role in the vault that the path names, …"""
type OperatorOf = Annotated[Asking, Depends(operator_only)]
"""… or operators of the instance alone."""
type WaitOf = Annotated[float, Depends(wait_seconds)]
type AskedWaitOf = Annotated[float, Depends(asked_seconds)]
type ExpectedVersion = Annotated[int | None, Depends(expected_version)]
type RequiredVersion = Annotated[int | None, Depends(required_version)]
type RequisitionPath = Annotated[ProcoreId, Path(description="the Procore invoice's requisition id")]
type InvoicePath = Annotated[UUID, Path(description="the AP invoice's id")]
