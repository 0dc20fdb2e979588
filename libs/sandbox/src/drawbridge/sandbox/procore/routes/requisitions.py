"""Subcontractor invoices. Read only: Drawbridge writes nothing to a requisition."""

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from drawbridge.sandbox.procore.invoices.requisition import VIEWS, in_view
from drawbridge.sandbox.procore.problems import declared, not_found
from drawbridge.sandbox.procore.queries import Double, id_filter, in_range, page, required_id, text_filter
from drawbridge.sandbox.procore.routes.projects import visible_project
from drawbridge.sandbox.procore.values import Record

router = APIRouter(prefix="/rest/v1.1/requisitions")

STATUSES = frozenset(
    {
        "draft",
        "under_review",
        "revise_and_resubmit",
        "approved",
        "approved_as_noted",
        "pending_owner_approval",
    }
)
EQUAL = ("commitment_id", "period_id", "origin_id")


@router.get("")
async def list_requisitions(request: Request, procore: Double) -> JSONResponse:
    """The invoices of one project; there is no company-wide list."""
    project_id = required_id(request, "project_id")
    visible_project(procore, project_id)
    view, status = _view(request), text_filter(request, "status")
    if status is not None and status not in STATUSES:
        raise declared(400, "filters[status] is not a status of requisitions", fields="status")
    ids = id_filter(request, "id")
    return page(
        request,
        (
            in_view(record, view)
            for record in procore.requisitions.values()
            if record["project_id"] == project_id
            and procore.visible(record)
            and (ids is None or record["id"] in ids)
            and status in {None, record["status"]}
            and _meets(request, record)
        ),
    )


@router.get("/{requisition_id}")
async def show_requisition(requisition_id: int, request: Request, procore: Double) -> Record:
    """One invoice; ``project_id`` is required here too."""
    project_id = required_id(request, "project_id")
    visible_project(procore, project_id)
    view = _view(request)
    record = procore.requisitions.get(requisition_id)
    if record is None or record["project_id"] != project_id or not procore.visible(record):
        raise not_found("Billings::Requisition")
    return in_view(record, view)


def _view(request: Request) -> str:
    view = request.query_params.get("view", "default")
    if view not in VIEWS:
        raise declared(400, f"view is not one of {', '.join(VIEWS)}", fields="view")
    return view


def _meets(request: Request, record: Record) -> bool:
    equal = all(text_filter(request, name) in {None, str(record[name])} for name in EQUAL)
    return (
        equal
        and in_range(request, "updated_at", record["updated_at"])
        and in_range(request, "created_at", record["created_at"])
    )
