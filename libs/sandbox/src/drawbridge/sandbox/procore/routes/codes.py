"""Cost codes, budget codes and tax codes: what the lines of invoices refer to."""

from collections.abc import Iterator

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from drawbridge.sandbox.procore.invoices.lines import Line
from drawbridge.sandbox.procore.queries import Double, page, required_id
from drawbridge.sandbox.procore.routes.projects import visible_project
from drawbridge.sandbox.procore.state import Procore
from drawbridge.sandbox.procore.values import Record, decimal_text

router = APIRouter(prefix="/rest/v1.0")


@router.get("/cost_codes")
async def list_cost_codes(request: Request, procore: Double) -> JSONResponse:
    """The cost codes of a project."""
    lines = _lines(procore, required_id(request, "project_id"))
    return page(request, (_cost_code(line) for line in lines))


@router.get("/projects/{project_id}/work_breakdown_structure/wbs_codes")
async def list_budget_codes(project_id: int, request: Request, procore: Double) -> JSONResponse:
    """The budget codes of a project."""
    return page(request, (_budget_code(line) for line in _lines(procore, project_id)))


@router.get("/tax_codes")
async def list_tax_codes(request: Request, procore: Double) -> JSONResponse:
    """The tax codes of the company."""
    required_id(request, "company_id")
    taxed = [contract for contract in procore.contracts.values() if contract.tax_rate]
    return page(
        request,
        (
            {
                "id": contract.tax_code_id,
                "code": f"TX-{index}",
                "description": "Sales tax",
                "rate1": decimal_text(contract.tax_rate),
                "archived": False,
            }
            for index, contract in enumerate(taxed, start=1)
        ),
    )


def _lines(procore: Procore, project_id: int) -> Iterator[Line]:
    """One line for each code of the project."""
    visible_project(procore, project_id)
    known = set[int]()
    for contract in procore.contracts.values():
        for line in contract.lines if contract.project["id"] == project_id else ():
            if line.code_id not in known:
                known.add(line.code_id)
                yield line


def _cost_code(line: Line) -> Record:
    return {
        "id": line.code_id,
        "name": line.description,
        "code": line.code.rpartition("-")[2],
        "full_code": line.code,
    }


def _budget_code(line: Line) -> Record:
    return {
        "id": line.code_id,
        "flat_code": f"{line.code}.S",
        "flat_name": line.description,
        "description": line.description,
        "status": "active",
        "segment_items": [],
    }
