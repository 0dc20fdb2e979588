"""Makes a golden sample of each message that has none: ``python -m tests.contract.messages.sampling``.

Samples that exist are never touched: they are what has been sent, and must parse for ever. Where a type got
a new member, write a further sample beside the old one, named ``<type>+2.json`` and so on.
"""

import json
import sys
from pathlib import Path
from typing import Any

from drawbridge.contracts import Message, all_messages

SAMPLES = Path(__file__).parent / "samples"

type Schema = dict[str, Any]

_BY_NAME: dict[str, object] = {
    "vault_id": "main",
    "company_id": 562949953421312,
    "project_id": 598134325599990,
    "commitment_id": 598134325700017,
    "requisition_id": 598134325841112,
    "contract_payment_id": 598134325900042,
    "command_subject": "requisition/main/598134325841112",
    "requested_by": "kim@example.com",
    "currency": "USD",
    "time_zone": "America/Chicago",
    "schedule": "0 * * * *",
    "client_id": "env:DRAWBRIDGE_SECRET_PROCORE_CLIENT_ID",
    "client_secret": "env:DRAWBRIDGE_SECRET_PROCORE_CLIENT_SECRET",
    "webhook_authorization": "env:DRAWBRIDGE_SECRET_PROCORE_WEBHOOK",
    "accepted_statuses": ["approved", "approved_as_noted"],
    "service": "import-service",
    "content_hash": "9f2c4d5b",
    "counts": {"listed": 12, "written": 3},
    "snapshot_id": "20260301T080000000000Z-5f7a0d2e",
}
_BY_FORMAT: dict[str, object] = {
    "uuid": "018f3c6e-7a10-4c1e-9d52-3f0e5a7b9c11",
    "date": "2026-03-31",
    "date-time": "2026-03-31T14:05:09.120000Z",
}


def contract_messages() -> dict[str, type[Message]]:
    """All messages of the contracts, without those that other tests make up."""
    return {
        name: model for name, model in all_messages().items() if model.__module__.startswith("drawbridge.")
    }


def samples_of(message_type: str) -> list[Path]:
    """All samples of one type, the oldest first."""
    return [
        path
        for path in sorted(SAMPLES.glob(f"{message_type}*.json"))
        if path.stem.partition("+")[0] == message_type
    ]


def make_sample(model: type[Message]) -> Message:
    """A message with every member set, the optional ones too."""
    schema = model.model_json_schema()
    return model.model_validate(_value("", schema, schema.get("$defs", {})))


def _value(name: str, schema: Schema, definitions: dict[str, Schema]) -> Any:  # noqa: ANN401  # JSON
    if "$ref" in schema:
        schema = definitions[schema["$ref"].rpartition("/")[2]]
    if name in _BY_NAME:
        return _BY_NAME[name]
    if "anyOf" in schema:
        return _value(name, _preferred(schema["anyOf"]), definitions)
    if "const" in schema or "enum" in schema:
        return schema.get("const") or schema["enum"][0]
    return _plain(name, schema, definitions)


def _plain(name: str, schema: Schema, definitions: dict[str, Schema]) -> Any:  # noqa: ANN401  # JSON
    match schema["type"]:
        case "object":
            members = schema.get("properties", {})
            return {member: _value(member, each, definitions) for member, each in members.items()}
        case "array":
            return [_value("", schema["items"], definitions)]
        case "string" if "format" in schema:
            return _BY_FORMAT[schema["format"]]
        case "string":
            return name.replace("_", " ") or "one"
        case "boolean":
            return True
    return 7


def _preferred(choices: list[Schema]) -> Schema:
    """Of a decimal the string, else the first choice that is not null."""
    if {"number", "string"} <= {each.get("type") for each in choices}:
        return {"type": "string", "enum": ["12500.5000"]}
    return next(each for each in choices if each.get("type") != "null")


def main() -> None:
    """Write what is missing."""
    for message_type, model in contract_messages().items():
        if not samples_of(message_type):
            text = json.dumps(json.loads(make_sample(model).encode()), indent=2)
            (SAMPLES / f"{message_type}.json").write_text(f"{text}\n", encoding="utf-8")
            sys.stdout.write(f"Wrote {message_type}.json\n")


if __name__ == "__main__":
    main()
