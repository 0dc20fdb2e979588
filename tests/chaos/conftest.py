"""Servers that a test may stop, and a whole stack behind proxies."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from drawbridge.testkit.chaos.run import OVERRIDES
from drawbridge.testkit.servers import Servers, servers
from drawbridge.testkit.stack import Stack


@pytest_asyncio.fixture
async def own_servers() -> AsyncIterator[Servers]:
    """Both servers, for this test alone."""
    async with servers(management=True) as both:
        yield both


@pytest_asyncio.fixture
async def proxied_stack(own_servers: Servers, tmp_path: Path) -> AsyncIterator[Stack]:
    """A whole stack behind proxies."""
    async with Stack(own_servers, tmp_path, overrides=OVERRIDES, proxied=True) as stack:
        yield stack
