"""Codes that lines do not spell out are looked up, once, and only then."""

from collections import Counter
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import httpx
import pytest
import pytest_asyncio
from pydantic import SecretStr

from drawbridge.import_service.domain.mapping import map_invoice
from drawbridge.import_service.procore_access import ProcoreCompany
from drawbridge.import_service.usecases.look_up_codes import look_up_codes
from drawbridge.procore import Credentials, ProcoreClient, Requisition
from drawbridge.sandbox.procore import Procore, create_app, seeded_procore
from tests.factories.procore import API, LOGIN
from tests.factories.requisitions import AROUND, raw_requisition


class Asking:
    """A Procore company on the double, and the paths that were asked for."""

    def __init__(self, procore: Procore) -> None:
        self.asked: Counter[str] = Counter()
        self._app = httpx.ASGITransport(create_app(procore))
        self.client = ProcoreClient(
            api_url=API,
            login_url=LOGIN,
            credentials=Credentials("sandbox-client", SecretStr("sandbox-secret")),
            company_id=procore.company_id,
            transport=httpx.MockTransport(self._call),
        )
        self.company = ProcoreCompany(self.client)

    async def _call(self, request: httpx.Request) -> httpx.Response:
        if request.url.path != "/oauth/token":
            self.asked[request.url.path.rpartition("/")[2]] += 1
        return await self._app.handle_async_request(request)

    async def line(self, raw: dict[str, Any]) -> Any:  # noqa: ANN401  # the first line of the content
        """The first line of what becomes of an original."""
        found = await look_up_codes(self.company, raw["project_id"], Requisition.read(raw))
        return map_invoice(found, AROUND).content.lines[0]


@pytest_asyncio.fixture
async def asking() -> AsyncIterator[Asking]:
    made = Asking(seeded_procore())
    yield made
    await made.client.close()


@pytest.fixture
def raw() -> dict[str, Any]:
    """A taxed invoice of the seed."""
    taxed = seeded_procore().facts["taxed_requisition_ids"]
    return raw_requisition(taxed[0])


async def test_nothing_is_asked_for_what_is_spelled_out(asking: Asking, raw: dict[str, Any]) -> None:
    line = await asking.line(raw)
    assert line.cost_code
    assert line.wbs_code
    assert not asking.asked


async def test_a_line_without_a_budget_code_gets_its_cost_code(asking: Asking, raw: dict[str, Any]) -> None:
    spelled = await asking.line(raw)
    for item in raw["items"]:
        item["wbs_code"] = None
    assert (await asking.line(raw)).cost_code == spelled.cost_code
    assert (await asking.line(raw)).wbs_code is None
    assert asking.asked == {"cost_codes": 1}


async def test_a_budget_code_without_its_text_is_looked_up(asking: Asking, raw: dict[str, Any]) -> None:
    spelled = await asking.line(raw)
    for item in raw["items"]:
        item["wbs_code"] |= {"flat_code": None}
    assert (await asking.line(raw)).wbs_code == spelled.wbs_code
    assert (await asking.line(raw)).cost_code == spelled.cost_code
    assert asking.asked == {"wbs_codes": 1}


async def test_a_tax_without_its_rate_is_looked_up(asking: Asking, raw: dict[str, Any]) -> None:
    spelled = await asking.line(raw)
    assert spelled.tax > Decimal(0)
    for item in raw["items"]:
        for tax in item["taxes"]:
            tax["tax_code_rate"] = None
    assert (await asking.line(raw)).tax == spelled.tax
    assert asking.asked == {"tax_codes": 1}


async def test_a_no_stops_nothing(asking: Asking, raw: dict[str, Any]) -> None:
    for item in raw["items"]:
        item["wbs_code"] = None
    raw["project_id"] = 1
    for _ in range(2):
        assert (await asking.line(raw)).cost_code is None
    assert asking.asked == {"cost_codes": 1}
