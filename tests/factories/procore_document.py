"""Holds calls to Procore and its answers to the document of what Drawbridge relies on."""

import json
import re
from collections.abc import Collection, Iterator
from typing import Any

import httpx
from jsonschema import Draft202012Validator, FormatChecker

from tests.factories.compose import ROOT

DOCUMENT: dict[str, Any] = json.loads((ROOT / "docs" / "procore-openapi.json").read_text(encoding="utf-8"))
_NUMBER = re.compile(r"\d+")
_PLACE = re.compile(r"{\w+}")


def problems(schema: dict[str, Any], value: Any) -> list[str]:  # noqa: ANN401  # any JSON
    """What is wrong with a value, by a schema of the document."""
    validator = Draft202012Validator(
        {"components": DOCUMENT["components"], **schema}, format_checker=FormatChecker()
    )
    return [
        f"{'/'.join(map(str, error.path))}: {error.message[:300]}" for error in validator.iter_errors(value)
    ]


def operation_of(method: str, path: str) -> dict[str, Any] | None:
    """The operation of a call; the most literal of several paths that fit."""
    fitting = [
        template
        for template in DOCUMENT["paths"]
        if re.fullmatch(_PLACE.sub(r"[^/]+", template.replace(".", r"\.")), path)
    ]
    template = min(fitting, key=lambda each: each.count("{"), default=None)
    found: dict[str, Any] | None = DOCUMENT["paths"].get(template, {}).get(method.lower())
    return found


def request_problems(request: httpx.Request) -> list[str]:
    """What of a request the document does not know: path, parameters, header, body."""
    operation = operation_of(request.method, request.url.path)
    if operation is None:
        return ["is no operation of the document"]
    return [*_parameter_problems(operation, request), *_body_problems(operation, request)]


def answer_problems(request: httpx.Request, answer: httpx.Response, broken: Collection[int]) -> list[str]:
    """What of an answer the document does not know; records that are broken on purpose are left out."""
    operation = operation_of(request.method, request.url.path)
    responses = operation["responses"] if operation else {}
    status = str(answer.status_code)
    described = responses.get(status) or responses.get(f"{status[0]}XX")
    if described is None:
        return [f"the status {status} is not described"]
    schema = described.get("content", {}).get("application/json", {}).get("schema")
    if schema is None:
        return []
    value = answer.json()
    if isinstance(value, list):
        value = [each for each in value if each.get("id") not in broken]
    elif value.get("id") in broken:
        return []
    return problems(schema, value)


class CheckedTransport(httpx.AsyncBaseTransport):
    """A transport that lets nothing pass that the document does not describe, in either direction."""

    def __init__(self, inner: httpx.AsyncBaseTransport, broken: Collection[int]) -> None:
        self._inner = inner
        self._broken = broken

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Check the request, pass it on, check the answer."""
        await request.aread()
        call = f"{request.method} {request.url}"
        assert request_problems(request) == [], call
        answer = await self._inner.handle_async_request(request)
        await answer.aread()
        assert answer_problems(request, answer, self._broken) == [], call
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)


def _parameter_problems(operation: dict[str, Any], request: httpx.Request) -> Iterator[str]:
    declared = [_resolved(each) for each in operation["parameters"]]
    queried = {each["name"]: each for each in declared if each["in"] == "query"}
    for name, text in request.url.params.multi_items():
        if name not in queried:
            yield f"the query parameter {name} is not declared"
        else:
            yield from _text_problems(name, queried[name]["schema"], text)
    for each in declared:
        given = request.url.params if each["in"] == "query" else request.headers
        if each["in"] != "path" and each["required"] and each["name"] not in given:
            yield f"{each['name']} is missing"


def _text_problems(name: str, schema: dict[str, Any], text: str) -> list[str]:
    number = schema.get("type") == "integer" and _NUMBER.fullmatch(text)
    return [f"{name} {each}" for each in problems(schema, int(text) if number else text)]


def _body_problems(operation: dict[str, Any], request: httpx.Request) -> list[str]:
    described = operation.get("requestBody")
    if described is None:
        return ["a body is not declared"] if request.content else []
    return problems(described["content"]["application/json"]["schema"], json.loads(request.content))


def _resolved(parameter: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in parameter:
        return parameter
    found: dict[str, Any] = DOCUMENT["components"]["parameters"][parameter["$ref"].rpartition("/")[2]]
    return found
