"""Preferences: what a front end remembers for the caller, whichever machine they sit at."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Path, Response

from drawbridge.gateway.domain.refusals import WrongMedia
from drawbridge.gateway.entrypoints.http.asking import CallerOf, ConditionOf, ToolsOf
from drawbridge.gateway.entrypoints.http.problems import declared
from drawbridge.gateway.store.preferences import Preference
from drawbridge.gateway.usecases.preferences import put_preference, show_preference

router = APIRouter(prefix="/v1/me/preferences/{key}", tags=["me"])

type KeyPath = Annotated[
    str,
    Path(
        pattern=r"^[A-Za-z0-9._-]{1,100}$", description="the front end's own name", examples=["grid.columns"]
    ),
]


async def json_value(
    value: Annotated[  # noqa: ANN401  # any JSON
        Any, Body(examples=[{"columns": ["vendor", "net_due"], "past_days": 60}])
    ],
) -> Any:  # noqa: ANN401  # as above
    """The body, which is bytes if it says that it is something else than JSON.

    Raises:
        WrongMedia: ``not_json``.
    """
    if isinstance(value, bytes):
        raise WrongMedia("not_json", "A preference is JSON.", "Send Content-Type: application/json.")
    return value


@router.get("", summary="Show a preference", responses=declared(404))
async def get_preference(tools: ToolsOf, asking: CallerOf, key: KeyPath, response: Response) -> Preference:
    """What was remembered for the caller under this name; ``ETag`` is its version."""
    return _tagged(await show_preference(tools, asking, key), response)


@router.put("", summary="Remember a preference", responses=declared(412, 415, 428))
async def put_preference_of(
    tools: ToolsOf,
    asking: CallerOf,
    key: KeyPath,
    value: Annotated[Any, Depends(json_value)],  # noqa: ANN401  # any JSON
    condition: ConditionOf,
    response: Response,
) -> Preference:
    """Remember any JSON up to 16 KiB. ``If-Match`` is needed to replace what is there."""
    stored = await put_preference(tools, asking, key, value, condition.version, blind=not condition.given)
    return _tagged(stored, response)


def _tagged(preference: Preference, response: Response) -> Preference:
    response.headers["ETag"] = f'"{preference.version}"'
    return preference
