"""JSON schemas of all messages, as AsyncAPI wants them: one flat list that everything refers to."""

from collections.abc import Iterable
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, models_json_schema

from drawbridge.contracts.message import Message
from drawbridge.contracts.requests import ReprocessRequested

type Schema = dict[str, Any]

PREFIX = "#/components/schemas/"


class _WithoutTitles(GenerateJsonSchema):
    """Members are called by their names alone."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ANN401, ARG002  # pydantic's own signature
        """Never."""
        return False


def payload_schemas(models: Iterable[type[Message]]) -> dict[str, Schema]:
    """The schemas of the messages and of all values in them, by class name.

    What we send is described as we write it, what others send as we read it. A member with a default is
    not required: it may have come later than the message.
    """
    inputs = [(model, _mode(model)) for model in models]
    _, document = models_json_schema(
        inputs, ref_template=f"{PREFIX}{{model}}", schema_generator=_WithoutTitles
    )
    definitions: dict[str, Schema] = document["$defs"]
    return {name: _open(schema) for name, schema in sorted(definitions.items())}


def reference(model: type[Message]) -> Schema:
    """A reference to a message's schema."""
    return {"$ref": f"{PREFIX}{model.__name__}"}


def _mode(model: type[Message]) -> JsonSchemaMode:
    return "validation" if issubclass(model, ReprocessRequested) else "serialization"


def _open(schema: Any) -> Any:  # noqa: ANN401  # any JSON
    """Without ``additionalProperties: false``: readers ignore members that a later sender adds."""
    if isinstance(schema, list):
        return [_open(each) for each in schema]
    if isinstance(schema, dict):
        return {
            name: _open(each)
            for name, each in schema.items()
            if not (name == "additionalProperties" and each is False)
        }
    return schema
