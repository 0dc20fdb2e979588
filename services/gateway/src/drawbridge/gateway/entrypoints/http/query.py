"""The query of a request, read by one model at once.

FastAPI looks for each member of such a model by itself, which costs a page of the grid as much as its JSON.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError


def reading[M: BaseModel](model: type[M]) -> Callable[[Request], Awaitable[M]]:
    """The dependency that reads it; what is wrong with it is answered as with any other parameter."""

    async def read(request: Request) -> M:
        try:
            return model.model_validate(dict(request.query_params))
        except ValidationError as error:
            wrong = [{**each, "loc": ("query", *each["loc"])} for each in error.errors()]
            raise RequestValidationError(wrong) from None

    return read


def described(model: type[BaseModel]) -> dict[str, Any]:
    """What OpenAPI says of its members, for ``openapi_extra``: all of them may be left out."""
    members = model.model_json_schema()["properties"]
    return {"parameters": [_parameter(name, schema) for name, schema in members.items()]}


def _parameter(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    told = {"description": schema["description"]} if "description" in schema else {}
    return {"name": name, "in": "query", "required": False, "schema": schema, **told}
