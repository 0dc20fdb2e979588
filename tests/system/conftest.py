"""Whole stacks as separate processes, on the servers of the test run."""

import io
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest
from rich.console import Console

from drawbridge.cli.demo.teller import Teller
from drawbridge.testkit.servers import Servers
from drawbridge.testkit.stack import Stack

type StartStack = Callable[..., AbstractAsyncContextManager[Stack]]


@pytest.fixture
def start_stack(servers: Servers, tmp_path: Path) -> StartStack:
    """Start a stack with these additions to every service's environment."""

    @asynccontextmanager
    async def start(**overrides: str) -> AsyncIterator[Stack]:
        async with Stack(servers, tmp_path, overrides=overrides) as stack:
            yield stack

    return start


@pytest.fixture
def teller() -> Teller:
    """A teller whose words go nowhere."""
    return Teller(Console(file=io.StringIO(), width=160))
