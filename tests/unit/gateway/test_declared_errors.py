"""Every error that a route can give is in its OpenAPI entry, as far as the code can be followed.

From each route the calls are followed through dependencies, use cases, store and domain of the gateway: which
refusals are raised on the way is read from the source, and the status of each must be declared.
"""

import ast
import inspect
import sys
import textwrap
from collections.abc import Callable, Iterator
from functools import cache
from types import FunctionType, ModuleType
from typing import Any

import pytest
from fastapi.routing import APIRoute

from drawbridge.contracts import Refused
from drawbridge.gateway.entrypoints.http import problems
from drawbridge.gateway.entrypoints.http.app import ROUTES

EVERYWHERE = {400, 401, 403, 413, 422, 429, 500, 503}
OURS = "drawbridge.gateway"
REFUSALS = (Refused, problems.ChangedInProcore)
IMPOSSIBLE = {"deactivate_vault": {428}, "post_snapshot": {404}}
"""They change what they have just read or written themselves; the code that they share knows more cases."""


def _tree(function: Callable[..., Any]) -> ast.AST:
    return ast.parse(textwrap.dedent(inspect.getsource(function)))


@cache
def _methods() -> dict[str, list[FunctionType]]:
    """Methods of the gateway's classes by name: what is called on an object may be any of that name."""
    found: dict[str, list[FunctionType]] = {}
    for module in [each for name, each in list(sys.modules.items()) if name.startswith(OURS)]:
        for cls in [each for each in vars(module).values() if inspect.isclass(each)]:
            if cls.__module__ == module.__name__:
                for name, member in vars(cls).items():
                    plain = getattr(member, "__func__", member)
                    if isinstance(plain, FunctionType) and plain.__module__ == module.__name__:
                        found.setdefault(name, []).append(plain)
    return found


def _named(function: FunctionType, node: ast.expr) -> Iterator[object]:
    """What a name in a function stands for; for a method, all that have the name."""
    if isinstance(node, ast.Name):
        yield function.__globals__.get(node.id)
    elif isinstance(node, ast.Attribute):
        owner = function.__globals__.get(node.value.id) if isinstance(node.value, ast.Name) else None
        if isinstance(owner, ModuleType) or inspect.isclass(owner):
            yield getattr(owner, node.attr, None)
        else:
            yield from _methods().get(node.attr, [])


@cache
def _called(function: FunctionType) -> frozenset[object]:
    """What a function of ours calls."""
    if not function.__module__.startswith(OURS):
        return frozenset()
    calls = [node for node in ast.walk(_tree(function)) if isinstance(node, ast.Call)]
    named = {each for call in calls for each in _named(function, call.func)}
    return frozenset(each for each in named if inspect.isclass(each) or isinstance(each, FunctionType))


@cache
def raised(function: FunctionType) -> frozenset[type[Exception]]:
    """The refusals that a function can raise, by itself or in what it calls."""
    seen: set[FunctionType] = set()
    found: set[type[Exception]] = set()
    waiting = [function]
    while waiting:
        each = waiting.pop()
        if each not in seen:
            seen.add(each)
            for called in _called(each):
                if isinstance(called, FunctionType):
                    waiting.append(called)
                elif inspect.isclass(called) and issubclass(called, REFUSALS):
                    found.add(called)
    return frozenset(found)


def _functions(route: APIRoute) -> Iterator[FunctionType]:
    """The route's own function and those of all its dependencies."""
    waiting = [route.dependant]
    while waiting:
        dependant = waiting.pop()
        if isinstance(dependant.call, FunctionType):
            yield dependant.call
        waiting.extend(dependant.dependencies)


def possible(route: APIRoute) -> set[int]:
    """The statuses of all errors that the route can give."""
    refusals = {refusal for function in _functions(route) for refusal in raised(function)}
    return {problems.status_of(refusal) for refusal in refusals}


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{min(route.methods or ())} {route.path}")
def test_every_error_of_a_route_is_declared(route: APIRoute) -> None:
    declared = {int(status) for status in route.responses}
    assert declared >= EVERYWHERE
    assert possible(route) - declared - IMPOSSIBLE.get(route.name, set()) == set()


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{min(route.methods or ())} {route.path}")
def test_no_dependency_runs_in_a_thread(route: APIRoute) -> None:
    plain = [each.__qualname__ for each in _functions(route) if not inspect.iscoroutinefunction(each)]
    assert plain == []


def test_the_search_finds_what_is_known() -> None:
    by_name = {(min(route.methods or ()), route.path): possible(route) for route in ROUTES}
    invoice = "/v1/vaults/{vault_id}/invoices/{invoice_id}"
    assert by_name["GET", invoice] >= {401, 403, 404, 429}
    assert by_name["PATCH", invoice] >= {401, 403, 404, 412, 422, 429}
    assert by_name["PUT", "/v1/me/preferences/{key}"] >= {412, 415, 422, 428}
