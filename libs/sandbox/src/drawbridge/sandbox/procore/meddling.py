"""What happens to the records or to the call itself just before the call is served."""

import json
from urllib.parse import parse_qsl, urlencode

from starlette.types import Scope

from drawbridge.sandbox.procore.state import Procore


def ignore_members(scope: Scope, body: bytes, members: list[str]) -> bytes:
    """Take members out of the call's query, and give its JSON body without them, one level down too."""
    query = parse_qsl(scope["query_string"].decode(), keep_blank_values=True)
    scope["query_string"] = urlencode([pair for pair in query if pair[0] not in members]).encode()
    try:
        sent = json.loads(body)
    except ValueError:
        return body
    return json.dumps(_without(sent, members)).encode()


def delete_first(procore: Procore, project_id: int) -> None:
    """A user deletes the first invoice of the project's list."""
    procore.requisitions.pop(_listed(procore, project_id)[0])


def move_last(procore: Procore, project_id: int) -> None:
    """The last invoice of the project's list moves to the front."""
    last = _listed(procore, project_id)[-1]
    moved = {last: procore.requisitions.pop(last)}
    procore.requisitions = moved | procore.requisitions


def _listed(procore: Procore, project_id: int) -> list[int]:
    return [each["id"] for each in procore.requisitions.values() if each["project_id"] == project_id]


def _without(sent: object, members: list[str]) -> object:
    if not isinstance(sent, dict):
        return sent
    return {
        name: _without(value, members) if isinstance(value, dict) else value
        for name, value in sent.items()
        if name not in members
    }
