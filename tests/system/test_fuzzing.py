"""Schemathesis against the running gateway: requests made up from the OpenAPI document, with every check.

Left out is only ``/v1/vaults/{vault_id}/events``: a stream does not end by itself, and has tests of its own.
What else is let pass, and why, is in ``fuzzing/hooks.py``.
"""

import asyncio
import os
import re
from pathlib import Path
from uuid import uuid4

import pytest
from pydantic import SecretStr

from drawbridge.gateway.settings import Settings
from drawbridge.gateway.store.bell import OperationBell
from drawbridge.gateway.store.opening import open_database
from drawbridge.persistence import Database
from drawbridge.testkit.isolation import fresh_database
from drawbridge.testkit.servers import Server
from tests.factories.databases import as_role, migrated_database
from tests.factories.gateway import (
    KEY,
    REQUISITION,
    VAULT,
    Door,
    allocation,
    choices,
    client_of,
    commitment_payments,
    imported,
    invoice_payments,
    job_state,
    project_state,
    request_state,
    row_state,
)
from tests.factories.listening import streaming_api
from tests.factories.python_tool import python_tool

_HERE = Path(__file__).parent / "fuzzing"
EXAMPLES = 10
SEED = int(os.environ.get("SEED", "1"))


async def _furnish(database: Database) -> None:
    """One of everything that the document's examples name."""
    async with client_of(database, OperationBell(database)) as client:
        (await client.put(f"/v1/vaults/{VAULT}", json=choices())).raise_for_status()
        paid = imported(requisition_id=REQUISITION + 1)
        await Door(database, client).tell(
            row_state(),
            paid,
            invoice_payments(paid.invoice.id),
            project_state(),
            allocation(),
            commitment_payments(),
            job_state(),
            request_state(uuid4()),
        )


async def _fuzz(url: str, place: Path) -> tuple[int, str]:
    programs = await python_tool("schemathesis", _HERE / "requirements.txt", "schemathesis")
    process = await asyncio.create_subprocess_exec(
        programs / "schemathesis",
        "run",
        f"{url}/openapi.json",
        f"--header=Authorization:Bearer {KEY}",
        "--header=Prefer:wait=0",  # nobody answers commands here
        "--exclude-path=/v1/vaults/{vault_id}/events",
        "--checks=all",
        "--phases=examples,coverage,fuzzing,stateful",
        f"--max-examples={EXAMPLES}",
        f"--seed={SEED}",
        "--continue-on-failure",
        "--request-timeout=60",
        "--no-color",
        cwd=place,
        env=os.environ | {"SCHEMATHESIS_HOOKS": "hooks", "PYTHONPATH": str(_HERE)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    printed, _ = await process.communicate()
    return process.returncode or 0, printed.decode()


@pytest.mark.slow
@pytest.mark.timeout(1800)
async def test_made_up_requests_find_nothing_that_the_document_does_not_say(
    postgres_server: Server, tmp_path: Path
) -> None:
    async with (
        migrated_database(postgres_server.url, "gateway", "gateway") as template,
        fresh_database(postgres_server.url, template=template) as url,
    ):
        settings = Settings(
            database_url=as_role(url, "gateway"),
            amqp_url=SecretStr("amqp://nobody@127.0.0.1:1/"),
            http_port=1,
        )
        database = open_database(settings)
        await _furnish(database)
        async with streaming_api(database) as api:
            status, printed = await _fuzz(api.url, tmp_path)
        await database.dispose()
    cases = re.search(r"(\d+) generated", printed)
    operations = re.search(r"Tested: (\d+)", printed)
    assert cases is not None, printed
    assert operations is not None, printed
    print(f"fuzzing operations={operations[1]} cases={cases[1]} failures={int(status != 0)} seed={SEED}")
    assert status == 0, printed
