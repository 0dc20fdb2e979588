"""What the OpenAPI document says beyond what FastAPI finds in the routes."""

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel

from drawbridge.gateway.entrypoints.http.examples import add_examples

type Schema = dict[str, Any]

_NULL = {"type": "null"}


def install(app: FastAPI, *models: type[BaseModel]) -> None:
    """Describe also the models that routes refer to by name only, give examples, and say what is no null."""
    plain = app.openapi

    def described() -> Schema:
        if app.openapi_schema is None:
            document = plain()
            _add(document["components"]["schemas"], models)
            add_examples(document)
            for each in _parameters(document):
                _without_null(each["schema"])
        return plain()

    app.openapi = described  # type: ignore[method-assign]  # FastAPI's documented way to extend it


def _add(schemas: Schema, models: tuple[type[BaseModel], ...]) -> None:
    for model in models:
        schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas.update(schema.pop("$defs", {}))
        schemas[model.__name__] = schema


def _parameters(document: Schema) -> Iterator[Schema]:
    for methods in document["paths"].values():
        for operation in methods.values():
            yield from operation.get("parameters", [])


def _without_null(schema: Schema) -> None:
    """A header or a query parameter is left out or is a text; none can be null."""
    choices = [each for each in schema.get("anyOf", []) if each != _NULL]
    if len(choices) == 1:
        del schema["anyOf"]
        schema.update(choices[0] | schema)
