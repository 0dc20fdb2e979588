"""Webhooks of a project, version 2.0: hooks, triggers, what is offered, and what was delivered."""

import json
import re
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, Response

from drawbridge.sandbox.procore.problems import forbidden, refused_v2
from drawbridge.sandbox.procore.queries import Double, wrapped_page
from drawbridge.sandbox.procore.routes.projects import visible_project
from drawbridge.sandbox.procore.values import Record, stamp
from drawbridge.sandbox.procore.webhooks import PAYLOAD_VERSIONS, HookRow

MASKED = "********"
_NAMESPACE = re.compile(r"[a-z0-9-]+")


def _project(company_id: int, project_id: int, procore: Double) -> int:
    if company_id != procore.company_id:
        raise forbidden("App is not connected to this company")
    visible_project(procore, project_id)
    return project_id


router = APIRouter(prefix="/rest/v2.0/companies/{company_id}/projects/{project_id}/webhooks")
Project = Annotated[int, Depends(_project)]


@router.get("/resources")
async def list_resources(request: Request, project: Project, procore: Double) -> JSONResponse:
    """What hooks of this project can be told of, in one payload version."""
    del project
    version = request.query_params.get("payload_version", "")
    if version not in PAYLOAD_VERSIONS:
        raise refused_v2(400, "BAD_REQUEST", "payload_version is missing or unknown", "payload_version")
    return wrapped_page(
        request,
        (
            {
                "category": "Financials",
                "tool": "Commitments",
                "name": name,
                "payload_version": version,
                "actions": actions,
            }
            for name, actions in procore.webhooks.offered.items()
        ),
    )


@router.get("/hooks")
async def list_hooks(request: Request, project: Project, procore: Double) -> JSONResponse:
    """The hooks of this project, of one namespace if it is named."""
    namespace = request.query_params.get("namespace")
    hooks = procore.webhooks.of_project(project)
    return wrapped_page(
        request, (_shown(hook) for hook in hooks if namespace in {None, hook.public["namespace"]})
    )


@router.post("/hooks", status_code=201)
async def create_hook(request: Request, project: Project, procore: Double) -> Record:
    """Create a hook. Sent twice it is created twice."""
    now, hook_id = stamp(procore.now()), str(procore.ids.next("hook"))
    public = {
        "id": hook_id,
        "status": "active",
        "company_id": str(procore.company_id),
        "project_id": str(project),
        "hook_type": "classic",
        "created_at": now,
    }
    hook = HookRow(public, "")
    _write(hook, await _object(request), now, required=("payload_version", "namespace", "destination_url"))
    procore.webhooks.hooks[hook_id] = hook
    return {"data": _shown(hook)}


@router.patch("/hooks/{hook_id}")
async def change_hook(hook_id: str, request: Request, project: Project, procore: Double) -> Record:
    """Change a hook; ``status`` pauses and resumes it."""
    hook = _hook(procore, project, hook_id)
    _write(hook, await _object(request), stamp(procore.now()))
    return {"data": _shown(hook)}


@router.delete("/hooks/{hook_id}")
async def delete_hook(hook_id: str, project: Project, procore: Double) -> Response:
    """Remove a hook with its triggers."""
    _hook(procore, project, hook_id)
    del procore.webhooks.hooks[hook_id]
    return Response(status_code=204)


@router.get("/hooks/{hook_id}/triggers")
async def list_triggers(hook_id: str, request: Request, project: Project, procore: Double) -> JSONResponse:
    """What a hook is told of."""
    return wrapped_page(request, list(_hook(procore, project, hook_id).triggers.values()))


@router.post("/hooks/{hook_id}/triggers/bulk")
async def add_triggers(hook_id: str, request: Request, project: Project, procore: Double) -> JSONResponse:
    """Add triggers; 207 where only some of them are possible."""
    hook, added, failed = _hook(procore, project, hook_id), [], []
    for wanted in await _list(request):
        name, event = str(wanted.get("resource_name")), str(wanted.get("event_type"))
        if event not in procore.webhooks.offered.get(name, []):
            failed.append({"resource_name": name, "event_type": event})
            continue
        trigger = {
            "id": str(procore.ids.next("trigger")),
            "webhook_hook_id": hook_id,
            "resource_name": name,
            "event_type": event,
            "company_id": str(procore.company_id),
            "project_id": str(project),
        }
        hook.triggers[trigger["id"]] = trigger
        added.append(trigger)
    if failed:
        return JSONResponse({"data": {"succeeded": added, "failed": failed}}, 207)
    return JSONResponse({"data": added}, 201)


def _write(hook: HookRow, sent: Record, now: str, required: tuple[str, ...] = ()) -> None:
    """Take over what was sent; a destination must be https, a namespace plain."""
    for name in required:
        if not sent.get(name):
            raise refused_v2(400, "BLANK", f"{name} is missing", name)
    hook.public |= {
        name: sent[name]
        for name in ("payload_version", "namespace", "destination_url", "status")
        if name in sent
    }
    if not str(hook.public["destination_url"]).startswith("https://"):
        raise refused_v2(422, "INVALID", "destination_url must begin with https", "destination_url")
    if not _NAMESPACE.fullmatch(str(hook.public["namespace"])):
        raise refused_v2(422, "INVALID", "namespace has other characters than a-z, 0-9 and -", "namespace")
    headers = sent.get("destination_headers")
    if isinstance(headers, dict):
        hook.authorization = str(headers.get("Authorization", ""))
    hook.public["updated_at"] = now


def _shown(hook: HookRow) -> Record:
    masked = {"destination_headers": {"Authorization": MASKED if hook.authorization else ""}}
    return hook.public | masked | {"trigger_count": len(hook.triggers)}


def _hook(procore: Double, project_id: int, hook_id: str) -> HookRow:
    hook = procore.webhooks.hooks.get(hook_id)
    if hook is None or hook.public["project_id"] != str(project_id):
        raise refused_v2(404, "NOT_FOUND", "There is no such hook")
    return hook


async def _object(request: Request) -> Record:
    sent = await _json(request)
    if not isinstance(sent, dict):
        raise refused_v2(400, "BAD_REQUEST", "The request body is not a JSON object")
    return sent


async def _list(request: Request) -> list[Record]:
    sent = await _json(request)
    if not isinstance(sent, list) or not all(isinstance(each, dict) for each in sent):
        raise refused_v2(400, "BAD_REQUEST", "The request body is not a list of objects")
    return sent


async def _json(request: Request) -> Any:  # noqa: ANN401 - whatever the caller sent
    try:
        return json.loads(await request.body())
    except ValueError:
        return None
