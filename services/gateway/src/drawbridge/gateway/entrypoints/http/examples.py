"""An example on every schema of the OpenAPI document: written where that says more, else made of its members.

What is made is a sound document of its schema; names that mean the same everywhere have one value.
"""

from typing import Any

type Schema = dict[str, Any]

_BY_NAME: dict[str, Any] = {
    "vault_id": "main",
    "company_id": 562949953421312,
    "project_id": 598134325599990,
    "project_name": "Harbour House",
    "commitment_id": 598134325700017,
    "requisition_id": 598134325841112,
    "vendor_id": 598134325511111,
    "invoice_number": "A-100",
    "currency": "USD",
    "version": 1099511627777,
    "time_zone": "America/Denver",
    "schedule": "0 * * * *",
    "etag": '"1099511627777"',
    "procore_status": "approved",
    "advice": "Open that AP invoice instead.",
    "message": "This Procore invoice already has an AP invoice.",
    "code": "already_imported",
    "next_cursor": "WyItYmlsbGluZ19kYXRlIiwiMjAyNi0wMy0zMSIsNTk4MTM0MzI1ODQxMTEyXQ",
    "content_hash": "9f2c4d5b",
    "requested_by": "kim@example.com",
    "created_by": "kim@example.com",
    "by": "kim@example.com",
}
_BY_FORMAT = {
    "uuid": "018f3c6e-7a10-4c1e-9d52-3f0e5a7b9c11",
    "date": "2026-03-31",
    "date-time": "2026-03-31T14:05:09Z",
}
_DEEPEST = 6


def add_examples(document: Schema) -> None:
    """Give every component schema an example that has none."""
    schemas: dict[str, Schema] = document["components"]["schemas"]
    for name, schema in schemas.items():
        if "examples" not in schema and "example" not in schema:
            schema["examples"] = [_made(name, schema, schemas, 0)]


def _made(name: str, schema: Schema, schemas: dict[str, Schema], depth: int) -> Any:  # noqa: ANN401  # JSON
    if "$ref" in schema:
        return _made(name, schemas[schema["$ref"].rpartition("/")[2]], schemas, depth + 1)
    for written in ("examples", "enum"):
        if schema.get(written):
            return schema[written][0]
    if "const" in schema:
        return schema["const"]
    if "anyOf" in schema:
        return _of_any(name, schema["anyOf"], schemas, depth)
    return _of_type(name, schema, schemas, depth)


def _of_any(name: str, choices: list[Schema], schemas: dict[str, Schema], depth: int) -> Any:  # noqa: ANN401  # JSON
    """The first choice that is not null; null where it goes too deep."""
    if depth > _DEEPEST and {"type": "null"} in choices:
        return None
    return _made(name, next(each for each in choices if each.get("type") != "null"), schemas, depth)


def _of_type(name: str, schema: Schema, schemas: dict[str, Schema], depth: int) -> Any:  # noqa: ANN401  # JSON
    match schema.get("type"):
        case "object":
            members = schema.get("properties", {})
            return {member: _made(member, each, schemas, depth + 1) for member, each in members.items()}
        case "array":
            inner = schema.get("items", {})
            return [] if depth > _DEEPEST else [_made(name, inner, schemas, depth + 1)]
        case "string":
            return _text(name, schema)
        case "integer":
            return _BY_NAME.get(name, max(schema.get("minimum", 1), 1))
        case kind:
            return {"boolean": True, "number": 1.0}.get(str(kind), {})


def _text(name: str, schema: Schema) -> str:
    if schema.get("format") in _BY_FORMAT:
        return _BY_FORMAT[schema["format"]]
    known = _BY_NAME.get(name)
    if isinstance(known, str):
        return known
    return "900.00" if "pattern" in schema and "\\d" in schema["pattern"] else name.replace("_", " ")
