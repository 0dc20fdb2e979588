from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from tests.factories.procore import ScriptedProcore

from drawbridge.procore import ProcoreClient


@pytest.fixture
def procore() -> ScriptedProcore:
    return ScriptedProcore()


@pytest_asyncio.fixture
async def client(procore: ScriptedProcore) -> AsyncIterator[ProcoreClient]:
    async with procore.client() as client:
        yield client
