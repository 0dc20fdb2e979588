"""The body of a request from outside: JSON of our shape, or a reason why not."""

from base64 import b64decode
from binascii import Error as Base64Error

from pydantic import ValidationError
from pydantic_core import from_json

from drawbridge.contracts.errors import Unprocessable
from drawbridge.contracts.requests import ReprocessRequested

MAX_BODY = 256 * 1024
"""Bytes; a request is about a hundred."""

type Document = dict[str, object]

_ADVICE = 'Send {"vault_id": "…", "project_id": 123, "requisition_id": 456} as JSON.'
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def read_object(body: bytes) -> Document:
    """A JSON object in UTF-8.

    Raises:
        Unprocessable: ``too_large``, ``not_json``, ``too_deep`` or ``not_an_object``.
    """
    if len(body) > MAX_BODY:
        raise Unprocessable("too_large", f"The message has more than {MAX_BODY // 1024} KiB.", _ADVICE)
    try:
        document = from_json(body.removeprefix(_BYTE_ORDER_MARK), allow_inf_nan=False)
    except ValueError as error:
        if "recursion limit" in str(error):
            raise Unprocessable("too_deep", "The JSON is nested too deep.", _ADVICE) from None
        raise Unprocessable("not_json", f"The body is not JSON in UTF-8: {error}.", _ADVICE) from None
    return mapping_of(document)


def mapping_of(document: object) -> Document:
    """The document, if it is an object. Raises Unprocessable: ``not_an_object``."""
    if not isinstance(document, dict):
        raise Unprocessable("not_an_object", "The body is JSON, but not an object.", _ADVICE)
    return document


def data_of(event: Document) -> Document:
    """The data of a structured CloudEvent, as JSON or as JSON in base64.

    Raises:
        Unprocessable: ``bad_data``, and as `read_object`.
    """
    if "data" in event:
        return mapping_of(event["data"])
    encoded = event.get("data_base64")
    if not isinstance(encoded, str):
        raise Unprocessable("bad_data", "The CloudEvent has no data.", _ADVICE)
    try:
        return read_object(b64decode(encoded, validate=True))
    except (Base64Error, ValueError):
        raise Unprocessable("bad_data", "The CloudEvent's data_base64 is not base64.", _ADVICE) from None


def request_of(document: Document) -> ReprocessRequested:
    """The members that we know; ids may be digits in a string, because JavaScript has no 64-bit numbers.

    Raises:
        Unprocessable: ``wrong_members``.
    """
    for name in ("project_id", "requisition_id"):
        if isinstance(document.get(name), bool | float):
            raise Unprocessable("wrong_members", f"{name}: must be a whole number.", _ADVICE)
    try:
        return ReprocessRequested.model_validate(document, extra="ignore")
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise Unprocessable("wrong_members", f"{where}: {first['msg']}.", _ADVICE) from None
