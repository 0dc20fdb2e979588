"""The document of what Drawbridge relies on: nothing in it that the client does not call, nothing left out.

The calls themselves are checked in all tests of this folder, by the client's transport.
"""

import re

import httpx
import pytest
from jsonschema import Draft202012Validator

from drawbridge.procore import ProcoreClient
from drawbridge.sandbox.procore import Procore, create_app
from tests.factories.compose import ROOT
from tests.factories.procore_document import DOCUMENT, answer_problems, operation_of, request_problems

CLIENT = ROOT / "libs" / "procore" / "src"


def test_its_schemas_are_schemas() -> None:
    for name, schema in DOCUMENT["components"]["schemas"].items():
        Draft202012Validator.check_schema(schema)
        assert schema, name


def test_every_path_of_the_clients_code_is_in_it_and_no_other() -> None:
    code = "\n".join(each.read_text(encoding="utf-8") for each in CLIENT.rglob("*.py"))
    stems = {
        re.sub(r"{[^}]+}", "", each) for each in re.findall(r'"(?:{[^"]*})?(/(?:rest|oauth)/[^"?]*)"', code)
    }
    described = {re.sub(r"{\w+}", "", path) for path in DOCUMENT["paths"]}
    unknown = {stem for stem in stems if not any(path.startswith(stem) for path in described)}
    assert unknown == set()
    unused = {path for path in described if not any(path.startswith(stem.rstrip("/")) for stem in stems)}
    assert unused == set()


async def test_the_double_serves_every_operation(double: Procore) -> None:
    routes = create_app(double).openapi()["paths"]
    served = {
        (method, re.sub(r"{\w+}", "{}", path)) for path, methods in routes.items() for method in methods
    }
    wanted = {
        (method, re.sub(r"{\w+}", "{}", path))
        for path, methods in DOCUMENT["paths"].items()
        for method in methods
    }
    assert wanted <= served


@pytest.mark.parametrize(
    ("method", "url", "problem"),
    [
        ("GET", "/rest/v1.0/requisitions?project_id=1", "no operation"),
        ("GET", "/rest/v1.1/requisitions", "project_id is missing"),
        ("GET", "/rest/v1.1/requisitions?project_id=one", "project_id"),
        ("GET", "/rest/v1.1/requisitions?project_id=1&filter[status]=approved", "not declared"),
        ("GET", "/rest/v1.1/requisitions?project_id=1&view=everything", "view"),
        ("GET", "/rest/v1.1/requisitions?project_id=1&filters[updated_at]=2026-01-01", "updated_at"),
        ("POST", "/rest/v1.0/contract_payments", "contract_payment"),
    ],
)
def test_requests_that_procore_does_not_know_are_found(method: str, url: str, problem: str) -> None:
    headers = {"Procore-Company-Id": "7"}
    body = {"project_id": 1, "contract_id": 2} if method == "POST" else None
    request = httpx.Request(method, f"https://api.procore.test{url}", headers=headers, json=body)
    assert any(problem in each for each in request_problems(request)), request_problems(request)


def test_a_missing_company_header_and_answers_of_another_shape_are_found() -> None:
    request = httpx.Request("GET", "https://api.procore.test/rest/v1.0/me?company_id=7")
    assert request_problems(request) == ["Procore-Company-Id is missing"]
    for answer in (
        httpx.Response(200, json={"id": "seven"}),
        httpx.Response(302),
        httpx.Response(404, json={}),
    ):
        assert answer_problems(request, answer, ())
    assert operation_of("DELETE", "/rest/v1.0/me") is None


async def test_what_no_other_test_of_this_folder_calls(client: ProcoreClient, double: Procore) -> None:
    project_id = int(double.facts["active_project_ids"][0])
    assert await client.list_companies()
    assert (await client.me()).login
    assert await client.cost_codes(project_id)
    assert await client.budget_codes(project_id)
    assert await client.tax_codes()
