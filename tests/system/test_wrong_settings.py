"""A wrong setting stops the process or the apply with one sentence that says which and what to do."""

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from drawbridge.testkit.stack import Stack
from drawbridge.testkit.stack.configuration import command
from tests.system.conftest import StartStack

GOOD: dict[str, Any] = {
    "name": "Main",
    "procore": {
        "company_id": 562949953421312,
        "client_id": "env:DRAWBRIDGE_SECRET_PROCORE_CLIENT_ID",
        "client_secret": "env:DRAWBRIDGE_SECRET_PROCORE_CLIENT_SECRET",
    },
    "projects": [562949954421313],
    "ledger": "sage-main",
}


async def _run(argv: list[str], environment: Mapping[str, str]) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        *argv,
        env=os.environ | environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, " ".join(output.decode().split())


async def _apply(stack: Stack, path: Path, vaults: Mapping[str, Any]) -> tuple[int, str]:
    await asyncio.to_thread(path.write_text, yaml.safe_dump({"vaults": dict(vaults)}))
    key = {"DRAWBRIDGE_API_URL": stack.info.api_url, "DRAWBRIDGE_SECRET_API_KEY": stack.info.api_key}
    argv = command("cli.main", "vaults", "apply", str(path))
    return await _run(argv, key | {"COLUMNS": "200"})


def _with_procore(**members: Any) -> dict[str, Any]:  # noqa: ANN401  # any JSON is what is tried here
    return GOOD | {"procore": GOOD["procore"] | members}


NO_COMPANY = GOOD | {"procore": {k: v for k, v in GOOD["procore"].items() if k != "company_id"}}

WRONG: dict[str, tuple[dict[str, Any], list[str]]] = {
    "unknown behavior": (
        {"main": GOOD | {"automated_import": "magic"}},
        ["main", "automated_import", "none", "queue", "invoice"],
    ),
    "no company id": ({"main": NO_COMPANY}, ["main", "company_id"]),
    "a project twice": ({"main": GOOD, "other": GOOD}, ["562949954421313", "main", "other"]),
    "a reference to nothing": (
        {"lost": _with_procore(client_secret="env:DRAWBRIDGE_SECRET_NOWHERE")},
        ["lost", "import-service", "DRAWBRIDGE_SECRET_NOWHERE"],
    ),
    "an unknown ledger": (
        {"lost": GOOD | {"ledger": "nowhere"}},
        ["lost", "payment-backfiller", "nowhere"],
    ),
}


@pytest.mark.timeout(180)
async def test_wrong_settings_are_one_sentence_with_advice(start_stack: StartStack, tmp_path: Path) -> None:
    async with start_stack() as stack:
        for name, (vaults, words) in WRONG.items():
            code, output = await _apply(stack, tmp_path / "vaults.yaml", vaults)
            print(f"{name}: {output}")
            assert code == 1, name
            assert "Traceback" not in output
            assert [word for word in words if word not in output] == [], f"{name}: {output}"

        code, output = await _apply(stack, tmp_path / "vaults.yaml", {"lost": GOOD})
        assert code == 0, output


async def test_a_process_refuses_a_bad_url_without_showing_it() -> None:
    code, output = await _run(
        command("import_service", "worker"),
        {
            "DRAWBRIDGE_SECRET_DATABASE_URL": "mysql://me:hush@db/books",
            "DRAWBRIDGE_SECRET_AMQP_URL": "amqp://guest:guest@127.0.0.1:5672/",
        },
    )

    print(output)
    assert code == 78
    assert "DRAWBRIDGE_SECRET_DATABASE_URL" in output
    assert "postgresql://" in output
    assert "hush" not in output
    assert "Traceback" not in output
