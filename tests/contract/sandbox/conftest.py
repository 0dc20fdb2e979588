from collections.abc import AsyncIterator

import pytest_asyncio

from tests.factories.procore_double import Called, called_double


@pytest_asyncio.fixture
async def called() -> AsyncIterator[Called]:
    async with called_double() as double:
        yield double
