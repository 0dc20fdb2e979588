"""Projects, billing periods, companies and the calling app itself."""

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from drawbridge.sandbox.procore.problems import declared, forbidden, not_found
from drawbridge.sandbox.procore.queries import Double, id_filter, in_range, page, required_id, text_filter
from drawbridge.sandbox.procore.security import Caller
from drawbridge.sandbox.procore.values import FIRST_ID, Record

router = APIRouter(prefix="/rest")

VIEWS: dict[str, tuple[str, ...]] = {
    "ids": ("id",),
    "compact": ("id", "name", "display_name", "project_number", "active", "origin_id", "updated_at"),
}
STATUS = {"Active": {True}, "Inactive": {False}, "All": {True, False}}


@router.get("/v1.1/projects")
async def list_projects(request: Request, procore: Double) -> JSONResponse:
    """The projects that the app may see; ``filters[by_status]`` is Active, Inactive or All."""
    required_id(request, "company_id")
    wanted = STATUS.get(text_filter(request, "by_status") or "All")
    if wanted is None:
        raise declared(400, "filters[by_status] is not Active, Inactive or All", fields="by_status")
    ids = id_filter(request, "id")
    view = request.query_params.get("view", "normal")
    return page(
        request,
        (
            {name: project[name] for name in VIEWS.get(view, tuple(project))}
            for project in procore.projects.values()
            if project["id"] not in procore.hidden
            and project["active"] in wanted
            and (ids is None or project["id"] in ids)
            and in_range(request, "updated_at", project["updated_at"])
        ),
    )


@router.get("/v1.0/projects/{project_id}")
async def show_project(project_id: int, request: Request, procore: Double) -> Record:
    """One project; ``company_id`` is required."""
    required_id(request, "company_id")
    return visible_project(procore, project_id)


@router.get("/v1.0/projects/{project_id}/billing_periods")
async def list_billing_periods(project_id: int, request: Request, procore: Double) -> JSONResponse:
    """The billing periods of a project."""
    visible_project(procore, project_id)
    ids, status = id_filter(request, "id"), text_filter(request, "status")
    return page(
        request,
        (
            period
            for period in procore.periods.values()
            if period["project_id"] == project_id
            and (ids is None or period["id"] in ids)
            and status in {None, period["status"]}
        ),
    )


@router.get("/v1.0/companies")
async def list_companies(request: Request, procore: Double) -> JSONResponse:
    """The one company of this double."""
    company = {"id": procore.company_id, "name": procore.company_name, "is_active": True, "logo_url": None}
    return page(request, [company])


@router.get("/v1.0/me")
async def show_me(client: Caller) -> Record:
    """The app's own directory user."""
    return {"id": FIRST_ID, "login": f"{client}@procore.example", "name": client}


def visible_project(procore: Double, project_id: int) -> Record:
    """A project by id. Raises ProcoreProblem 404 (unknown) or 403 (not among the app's projects)."""
    project = procore.projects.get(project_id)
    if project is None:
        raise not_found("Project")
    if project_id in procore.hidden:
        raise forbidden("You do not have permission to access this project")
    return project
