"""Rules on SQLAlchemy and sessions, and on numbers that must be exact."""

import ast
from collections.abc import Iterator

from tests.architecture.rule import Rule, called, calls, names

_SQL_HOOKS = ("before_cursor_execute", "after_cursor_execute", "before_execute", "after_execute")


def _hooks(module: ast.Module) -> Iterator[ast.AST]:
    for node in ast.walk(module):
        if isinstance(node, ast.Constant) and node.value in _SQL_HOOKS:
            yield node


def _shared_sessions(module: ast.Module) -> Iterator[ast.AST]:
    """Sessions or transactions handed to something that runs beside us."""
    for node in ast.walk(module):
        if isinstance(node, ast.Call) and called(node) in ("gather", "create_task", "ensure_future"):
            handed = [inner for each in node.args for inner in ast.walk(each)]
            if any(isinstance(inner, ast.Name) and inner.id in ("session", "tx") for inner in handed):
                yield node


def _floats(module: ast.Module) -> Iterator[ast.AST]:
    for node in ast.walk(module):
        if isinstance(node, ast.AnnAssign):
            words = [each.id for each in ast.walk(node.annotation) if isinstance(each, ast.Name)]
            if "float" in words:
                yield node


DATABASE_RULES = (
    Rule(
        "no-relationships",
        "A lazy load in async code fails far from its cause; every query is written out.",
        ("elationship", "selectinload", "joinedload", "lazyload"),
        names("relationship", "Relationship", "selectinload", "joinedload", "lazyload"),
        bad=("from sqlmodel import Relationship", "lines = relationship('Line')"),
    ),
    Rule(
        "no-sql-in-event-hooks",
        "A cancel inside such a hook gives a connection with an open transaction back to the pool.",
        _SQL_HOOKS,
        _hooks,
        bad=("event.listen(engine, 'before_cursor_execute', set_search_path)",),
    ),
    Rule(
        "no-session-shared-by-tasks",
        "Two tasks on one session break its state.",
        ("gather", "create_task", "ensure_future"),
        _shared_sessions,
        bad=(
            "async def f(session):\n    await asyncio.gather(read(session), read(session))",
            "async def f(tx):\n    asyncio.create_task(write(tx))",
        ),
        good=("async def f(a, b):\n    await asyncio.gather(a.run(), b.run())",),
    ),
    Rule(
        "commit-in-one-place",
        "Only the unit of work commits: it writes the outbox in the same transaction.",
        ("commit", "sessionmaker", "engine"),
        calls("commit", "async_sessionmaker", "sessionmaker", "create_async_engine", "create_engine"),
        bad=("async def f(session):\n    await session.commit()",),
        within=("libs/messaging", "libs/persistence", "services"),
        home=("persistence/connecting.py", "persistence/migrations.py"),
    ),
    Rule(
        "no-float-in-contracts",
        "Money, quantities and rates are Decimal, and text in JSON.",
        ("float",),
        _floats,
        bad=("class Line(Value):\n    amount: float | None = None",),
        good=("class Line(Value):\n    amount: Amount",),
        within=("libs/contracts",),
    ),
    Rule(
        "no-float-in-rows",
        "As in contracts.",
        ("float",),
        _floats,
        bad=("class LineRow(Row, table=True):\n    amount: float",),
        within=(
            "services/gateway/src/drawbridge/gateway/store",
            "services/import-service",
            "services/payment-backfiller/src/drawbridge/payment_backfiller/store",
        ),
        home=("settings.py",),
    ),
)
