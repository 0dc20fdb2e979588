"""The vendor map: Procore vendor to ledger vendor code, as JSON or CSV."""

import csv
from collections.abc import AsyncIterator, Sequence
from io import StringIO
from typing import Any, Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field, ValidationError

from drawbridge.contracts.vendor_map import VendorCode
from drawbridge.gateway.domain.operations import Operation
from drawbridge.gateway.domain.refusals import Invalid
from drawbridge.gateway.entrypoints.http.as_csv import MEDIA_TYPE, Line, csv_answer, wants_csv
from drawbridge.gateway.entrypoints.http.asking import (
    ProcessorOf,
    RequiredVersion,
    ToolsOf,
    VaultPath,
    ViewerOf,
)
from drawbridge.gateway.entrypoints.http.bodies import Body
from drawbridge.gateway.entrypoints.http.operations import AnswerOnceEnded, command_answers
from drawbridge.gateway.entrypoints.http.problems import declared
from drawbridge.gateway.usecases.vendor_map import ShownMap, put_vendor_map, show_vendor_map

router = APIRouter(prefix="/v1/vaults/{vault_id}/vendor-map", tags=["vendor map"])

MOST_VENDORS = 10_000
_COLUMNS = ("vendor_id", "name", "code", "source", "procore_code")


class MappedVendorView(BaseModel):
    """A vendor. ``code`` is in force: the one entered by hand, else Procore's own (``procore_code``)."""

    vendor_id: int = Field(examples=[598134325511111])
    name: str = Field(examples=["Acme Concrete"])
    code: str | None = Field(examples=["ACME"])
    source: Literal["hand", "procore"] | None = Field(examples=["hand"])
    procore_code: str | None


class VendorMapView(BaseModel):
    """All vendors of the vault, by name; ``version`` is for ``If-Match``."""

    version: int
    items: list[MappedVendorView]


class VendorMapBody(Body):
    """Exactly the codes that are entered by hand; a vendor that is left out goes back to Procore's code."""

    items: list[VendorCode] = Field(
        max_length=MOST_VENDORS, examples=[[{"vendor_id": 598134325511111, "code": "ACME"}]]
    )


_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": {"$ref": "#/components/schemas/VendorMapBody"}},
            MEDIA_TYPE: {"schema": {"type": "string"}, "example": "vendor_id,code\n598134325511111,ACME\n"},
        },
    }
}


@router.get(
    "",
    summary="Show the vendor map",
    response_model=VendorMapView,
    responses=declared(404, csv="the columns vendor_id, name, code, source, procore_code"),
)
async def get_vendor_map(
    tools: ToolsOf, _asking: ViewerOf, vault_id: VaultPath, request: Request, response: Response
) -> VendorMapView | Response:
    """Procore's vendors and their codes in the ledger; ``ETag`` is the version of the whole map."""
    shown = await show_vendor_map(tools, vault_id)
    if wants_csv(request):
        answer: Response = csv_answer(f"vendor-map-{vault_id}", _COLUMNS, _lines(shown))
    else:
        answer = response
    answer.headers["ETag"] = f'"{shown.version}"'
    if answer is not response:
        return answer
    items = [MappedVendorView(**each.model_dump(include=set(_COLUMNS))) for each in shown.vendors]
    return VendorMapView(version=shown.version, items=items)


@router.put(
    "",
    summary="Replace the codes by hand",
    responses=command_answers(428),
    openapi_extra=_BODY,
)
async def put_map(
    tools: ToolsOf,
    asking: ProcessorOf,
    vault_id: VaultPath,
    request: Request,
    expected_version: RequiredVersion,
    answering: AnswerOnceEnded,
) -> Operation:
    """Replace all codes that were entered by hand, as JSON or as CSV with the columns vendor_id and code.

    A CSV that was read from here can be sent back: a code that is Procore's own is then not entered by hand.
    """
    codes = _codes(await request.body(), request.headers.get("content-type", ""))
    operation = await put_vendor_map(tools, asking, vault_id, codes, expected_version)
    return await answering.answer(tools, operation, seen=expected_version)


async def _lines(shown: ShownMap) -> AsyncIterator[Sequence[Line]]:
    yield [[getattr(each, name) for name in _COLUMNS] for each in shown.vendors]


def _codes(body: bytes, content_type: str) -> Sequence[VendorCode]:
    """The codes of either form.

    Raises:
        Invalid: ``bad_vendor_map``, naming what is wrong.
    """
    try:
        if not content_type.startswith(MEDIA_TYPE):
            return VendorMapBody.model_validate_json(body, strict=True).items
        rows = csv.DictReader(StringIO(body.decode("utf-8-sig")))
        if not {"vendor_id", "code"}.issubset(rows.fieldnames or ()):
            raise _bad("The first line does not name the columns vendor_id and code.")
        items = [
            {"vendor_id": row.get("vendor_id"), "code": row.get("code")}
            for row in rows
            if (row.get("code") or "").strip() and row.get("code") != row.get("procore_code")
        ]
        return VendorMapBody.model_validate({"items": items}, strict=False).items
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise _bad(f"{where}: {first['msg']}.") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise _bad(f"This is no CSV in UTF-8: {error}.") from None


def _bad(message: str) -> Invalid:
    return Invalid(
        "bad_vendor_map", message, "Send the columns vendor_id and code, each vendor once; see /docs."
    )
