from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from drawbridge.procore import ProcoreClient
from tests.factories.procore import ScriptedProcore


@pytest.fixture
def procore() -> ScriptedProcore:
    return ScriptedProcore()


@pytest_asyncio.fixture
async def client(procore: ScriptedProcore) -> AsyncIterator[ProcoreClient]:
    async with procore.client() as client:
        yield client
