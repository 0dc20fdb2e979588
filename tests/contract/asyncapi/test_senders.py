"""The senders that the document names are those whose code makes the message."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from drawbridge.contracts.import_commands import IMPORT_SERVICE
from drawbridge.contracts.parties import CLOUD_SERVICE, OUTSIDE, SENDERS, SERVICES
from tests.factories.compose import ROOT

NOT_SENT = {
    (IMPORT_SERVICE, "SyncProject"),  # a re-read by schedule is the same work as one that was asked for
    (CLOUD_SERVICE, "ReprocessRequested"),  # the public door reads it in its own way
}
"""What a service makes, but not to send it."""

_MAKERS = {"model_validate", "model_construct"}


def _made(tree: ast.Module) -> Iterator[str]:
    """The names of classes of the contracts that a module calls, or lets be made."""
    ours = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("drawbridge.contracts")
        for alias in node.names
    }
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id=name)) if name in ours:
                yield name
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=maker)) if (
                name in ours and maker in _MAKERS
            ):
                yield name


def _modules(service: str) -> Iterator[Path]:
    """The service's own code, and what sends in the name of every service."""
    for folder in (f"services/{service}/src", "libs/persistence/src"):
        yield from (ROOT / folder).rglob("*.py")


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_sends_what_its_code_makes(service: str) -> None:
    types = {model.__name__ for model in SENDERS}
    made = {
        name
        for module in _modules(service)
        for name in _made(ast.parse(module.read_text(encoding="utf-8")))
        if name in types and (service, name) not in NOT_SENT
    }
    assert made == {model.__name__ for model, senders in SENDERS.items() if service in senders}


def test_senders_are_services_or_outside() -> None:
    assert {sender for senders in SENDERS.values() for sender in senders} == {*SERVICES, OUTSIDE}
