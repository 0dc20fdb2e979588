"""The API as those see it who write against it: a generated client, the script of the quickstart, a crowd."""

import asyncio
import json
import os
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import pytest

from drawbridge.cli.demo.chapters.set_up_vaults import set_up_vaults
from drawbridge.cli.demo.command import tell
from drawbridge.cli.demo.teller import Teller
from tests.factories.python_tool import output_of, python_tool
from tests.system.conftest import StartStack

ROOT = Path(__file__).parents[2]
STORY = Path(__file__).parent / "client_story"
VAULT = "by-hand"
CROWD = 50


async def _story_of_a_generated_client(api: httpx.AsyncClient, place: Path, **door: str) -> str:
    programs = await python_tool("client-generator", STORY / "requirements.txt", "openapi-python-client")
    document = place / "openapi.json"
    document.write_text(json.dumps((await api.get("/openapi.json")).json()))
    path = f"{programs}:{os.environ['PATH']}"
    made = await output_of(
        programs / "openapi-python-client",
        *("generate", "--path", document, "--output-path", place / "generated", "--meta", "none"),
        PATH=path,
    )
    assert "will not be generated" not in made, made
    assert "Unable to" not in made, made
    return await output_of(programs / "python", STORY / "story.py", VAULT, PYTHONPATH=str(place), **door)


async def _importable(api: httpx.AsyncClient) -> list[dict[str, Any]]:
    page = (await api.get(f"/v1/vaults/{VAULT}/procore-invoices", params={"range": "all"})).json()
    return [row for row in page["items"] if row["actions"]["import"]["allowed"]]


async def _crowd_imports(api: httpx.AsyncClient) -> str:
    """Fifty import one Procore invoice at once: one AP invoice, and a clear answer for everybody else."""
    row = (await _importable(api))[0]
    path = f"/v1/vaults/{VAULT}/procore-invoices/{row['requisition_id']}/import"
    answers = await asyncio.gather(
        *(api.post(path, headers={"Prefer": "wait=60"}) for _ in range(CROWD)),
    )
    ended = Counter(
        (each["status"], each["problem"]["code"] if each["problem"] else "")
        for each in (answer.json() for answer in answers)
    )
    assert ended == {("done", ""): 1, ("refused", "already_imported"): CROWD - 1}
    (invoice_id,) = {each.json()["result"].get("invoice_id") for each in answers} - {None}
    invoices = (await api.get(f"/v1/vaults/{VAULT}/invoices", params={"limit": 500})).json()["items"]
    tied = [each["id"] for each in invoices if each["requisition_id"] == row["requisition_id"]]
    assert tied == [invoice_id]
    return str(invoice_id)


async def _two_change(api: httpx.AsyncClient, invoice_id: str) -> None:
    """Two people change one AP invoice at once: one wins, the other is told what changed."""
    path = f"/v1/vaults/{VAULT}/invoices/{invoice_id}"
    headers = {"If-Match": (await api.get(path)).headers["ETag"], "Prefer": "wait=60"}
    answers = await asyncio.gather(
        *(api.patch(path, json={"notes": name}, headers=headers) for name in ("Ann", "Ben")),
    )
    assert sorted(answer.status_code for answer in answers) == [200, 412]
    (late,) = [answer.json() for answer in answers if answer.status_code == httpx.codes.PRECONDITION_FAILED]
    assert [line["what"] for line in late["changes"]] == ["changed"]
    (won,) = [answer for answer in answers if answer.status_code == httpx.codes.OK]
    assert won.json()["status"] == "done"


@pytest.mark.slow
@pytest.mark.timeout(420)
async def test_the_front_door_holds_what_it_promises(
    start_stack: StartStack, teller: Teller, tmp_path: Path
) -> None:
    async with start_stack() as stack:
        await tell(stack.info, teller, [set_up_vaults])
        door = {"API": stack.info.api_url, "KEY": stack.info.api_key}
        headers = {"Authorization": f"Bearer {stack.info.api_key}"}
        limits = httpx.Limits(max_connections=CROWD)
        async with httpx.AsyncClient(
            base_url=stack.info.api_url, headers=headers, timeout=120, limits=limits, trust_env=False
        ) as api:
            assert "imported" in await _story_of_a_generated_client(api, tmp_path, **door)
            script = await output_of(sys.executable, ROOT / "docs/examples/import_story.py", VAULT, **door)
            assert "Notes: done" in script
            await _two_change(api, await _crowd_imports(api))
