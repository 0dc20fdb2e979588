"""Rules on the HTTP door: what was answered is committed, and nothing that matters is left for later."""

import ast
from collections.abc import Iterator

from tests.architecture.rule import Rule, called, keywords, names

_COMMITS = {"transaction", "finishing", "bookkeeping", "commit", "begin"}
_HTTP = ("services/gateway/src/drawbridge/gateway/entrypoints",)


def _committing_dependencies(module: ast.Module) -> Iterator[ast.AST]:
    """Functions that yield in the midst of a transaction, but for context managers of our own."""
    for node in ast.walk(module):
        if isinstance(node, ast.AsyncFunctionDef | ast.FunctionDef) and not node.decorator_list:
            inner = list(ast.walk(node))
            if any(isinstance(each, ast.Yield) for each in inner) and any(
                isinstance(each, ast.Call) and called(each) in _COMMITS for each in inner
            ):
                yield node


def _rows_imported(module: ast.Module) -> Iterator[ast.AST]:
    for node in ast.walk(module):
        if isinstance(node, ast.ImportFrom) and ".store" in (node.module or ""):
            yield from (alias for alias in node.names if alias.name.endswith("Row"))


WEB_RULES = (
    Rule(
        "no-background-tasks",
        "A background task runs after the answer and dies with the process; the outbox does not.",
        ("BackgroundTask",),
        names("BackgroundTasks", "BackgroundTask"),
        bad=("from fastapi import BackgroundTasks", "answer = JSONResponse(a, background=BackgroundTask(f))"),
    ),
    Rule(
        "no-base-http-middleware",
        "It breaks context variables and streams; a middleware is plain ASGI.",
        ("BaseHTTPMiddleware",),
        names("BaseHTTPMiddleware"),
        bad=("from starlette.middleware.base import BaseHTTPMiddleware",),
    ),
    Rule(
        "no-commit-in-a-dependency",
        "What follows a dependency's yield runs after the answer was sent: 202 for what is not stored.",
        ("yield",),
        _committing_dependencies,
        bad=("async def unit(db):\n    async with db.transaction() as tx:\n        yield tx",),
        good=(
            "@asynccontextmanager\nasync def f(db):\n    async with db.transaction() as t:\n        yield t",
        ),
        within=_HTTP,
    ),
    Rule(
        "no-work-in-a-lifespan",
        "A web server ends its lifespan only after its last stream; consumers are processes of their own.",
        ("lifespan", "on_startup", "on_shutdown"),
        keywords("lifespan", "on_startup", "on_shutdown"),
        bad=("app = FastAPI(lifespan=consume)",),
        good=("uvicorn.Config(app)",),
        home=("runtime/http.py",),  # which turns it off
    ),
    Rule(
        "no-rows-at-the-door",
        "A table model does not validate what it is given; requests and answers have models of their own.",
        ("Row",),
        _rows_imported,
        bad=("from drawbridge.gateway.store.tables import VaultRow",),
        good=("from drawbridge.gateway.usecases.show_grid import ShownRow",),
        within=_HTTP,
    ),
)
