"""Vendors of the company directory."""

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from drawbridge.sandbox.procore.problems import not_found
from drawbridge.sandbox.procore.queries import Double, id_filter, in_range, page, required_id, text_filter
from drawbridge.sandbox.procore.values import Record

router = APIRouter(prefix="/rest/v1.0/vendors")


@router.get("")
async def list_vendors(request: Request, procore: Double) -> JSONResponse:
    """All active vendors, by id, name (``search``) and time of change."""
    required_id(request, "company_id")
    ids, search = id_filter(request, "id"), (text_filter(request, "search") or "").lower()
    return page(
        request,
        (
            vendor
            for vendor in procore.vendors.values()
            if vendor["is_active"]
            and (ids is None or vendor["id"] in ids)
            and search in vendor["name"].lower()
            and in_range(request, "updated_at", vendor["updated_at"])
        ),
    )


@router.get("/{vendor_id}")
async def show_vendor(vendor_id: int, request: Request, procore: Double) -> Record:
    """One vendor."""
    required_id(request, "company_id")
    vendor = procore.vendors.get(vendor_id)
    if vendor is None:
        raise not_found("Vendor")
    return vendor
