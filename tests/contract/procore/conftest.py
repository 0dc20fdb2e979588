from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from drawbridge.procore import ProcoreClient
from drawbridge.sandbox.procore import Procore, seeded_procore
from tests.factories.procore import client_of


@pytest.fixture
def double() -> Procore:
    return seeded_procore()


@pytest_asyncio.fixture
async def client(double: Procore) -> AsyncIterator[ProcoreClient]:
    async with client_of(double) as client:
        yield client
