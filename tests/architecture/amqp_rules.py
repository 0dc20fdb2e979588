"""Rules on how RabbitMQ is used; each of them is a way to lose messages that others have walked."""

import ast
from collections.abc import Iterator

from tests.architecture.rule import Rule, called, calls, keywords, names


def _processing(module: ast.Module) -> Iterator[ast.AST]:
    for node in ast.walk(module):
        if isinstance(node, ast.AsyncWith | ast.With):
            for item in node.items:
                if isinstance(item.context_expr, ast.Call) and called(item.context_expr) == "process":
                    yield node


def _expiring(module: ast.Module) -> Iterator[ast.AST]:
    yield from keywords("expiration")(module)
    for node in ast.walk(module):
        if isinstance(node, ast.Attribute) and node.attr == "expiration" and isinstance(node.ctx, ast.Store):
            yield node


AMQP_RULES = (
    Rule(
        "no-message-process",
        "A handler that is cancelled inside `message.process()` rejects the message, and it is gone.",
        ("process",),
        _processing,
        bad=("async def f(m):\n    async with m.process():\n        pass",),
        good=("ground.process('api')",),
    ),
    Rule(
        "no-queue-iterator",
        "An iterator goes on with deliveries of a connection that is lost: they cannot be acknowledged.",
        ("iterator",),
        calls("iterator"),
        bad=("async def f(q):\n    async with q.iterator() as all:\n        pass",),
    ),
    Rule(
        "no-message-expiration",
        "An expired message leaves only from the head of its queue: a long delay holds up the short ones.",
        ("expiration",),
        _expiring,
        bad=("Message(b'', expiration=5)", "message.expiration = 5"),
    ),
    Rule(
        "no-robust-connections",
        "A connection that restores itself hides what was not restored; ours ends, and its part starts anew.",
        ("obust",),
        names("connect_robust", "RobustConnection", "RobustChannel"),
        bad=("from aio_pika import connect_robust as connect", "aio_pika.connect_robust(url)"),
    ),
    Rule(
        "declare-in-one-place",
        "A declaration that does not fit closes its channel, with all that is in flight on it.",
        ("declare",),
        calls("declare_queue", "declare_exchange", "queue_declare", "exchange_declare"),
        bad=("async def f(c):\n    await c.declare_queue('q')",),
        home=("messaging/declare.py", "messaging/inspecting.py", "testkit/isolation.py"),
    ),
    Rule(
        "consume-in-one-place",
        "Prefetch is set before a consumer starts, and every delivery is settled: the lane does both.",
        ("consume", "basic_get"),
        calls("consume", "basic_consume", "basic_get"),
        bad=("async def f(q):\n    await q.consume(print)",),
        within=("libs/messaging", "services"),
        home=("messaging/lane.py", "messaging/outside.py"),
    ),
    Rule(
        "publish-in-one-place",
        "What is published before or after a commit, and not by the relay, is a ghost or a zombie.",
        ("publish",),
        calls("publish", "basic_publish"),
        bad=("async def f(e):\n    await e.publish(message, 'key')",),
        within=("libs/messaging", "libs/persistence", "services"),
        home=("messaging/relay.py", "messaging/outside.py"),
    ),
    Rule(
        "channels-in-one-place",
        "One channel for each consumer, publishing on a connection of its own, returns raised as errors.",
        ("channel",),
        calls("channel"),
        bad=("async def f(c):\n    return await c.channel()",),
        home=(
            "messaging/broker.py",
            "messaging/declare.py",
            "messaging/inspecting.py",
            "testkit/isolation.py",
            "messaging/outside.py",
        ),
    ),
    Rule(
        "never-given-back-by-accident",
        "A nack without a thought is a loop or a loss; only the lane rejects, and asks for another delivery.",
        ("nack", "reject"),
        calls("nack", "reject", "basic_nack", "basic_reject"),
        bad=("async def f(m):\n    await m.reject()",),
        home=("messaging/lane.py",),
    ),
)
