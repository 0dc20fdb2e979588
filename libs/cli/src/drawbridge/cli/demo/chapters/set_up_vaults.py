"""Three vaults on three projects of one Procore company, applied from a file."""

import asyncio
import os
import sys
from functools import partial
from pathlib import Path
from typing import Any

import yaml

from drawbridge.cli.demo.doors import StoryError
from drawbridge.cli.demo.story import Story
from drawbridge.cli.demo.teller import Cell
from drawbridge.testkit.stack.doors import Json, until

BEHAVIORS = {"by-hand": "none", "by-queue": "queue", "by-itself": "invoice"}
NAMES = {
    "by-hand": "Import by hand",
    "by-queue": "Import into a queue",
    "by-itself": "Import by itself",
}
POLL_SECONDS = {"by-hand": 3, "by-queue": 3, "by-itself": 3600}
"""Two projects are polled every few seconds, so that the schedule can be seen at work."""


async def set_up_vaults(story: Story) -> None:
    """Write the file, apply it, and wait until all services know the vaults and have read the projects."""
    story.teller.chapter("Three vaults, applied from a file")
    path = write_vaults(story)
    await _apply(story, path)
    with story.teller.waiting("Reading three projects from Procore"):
        for vault in BEHAVIORS:
            await until(f"vault {vault} was not read from Procore", partial(_read, story, vault))
    rows: list[list[Cell]] = [
        [vault, NAMES[vault], BEHAVIORS[vault], len(await story.gateway.rows(vault))] for vault in BEHAVIORS
    ]
    story.teller.table(str(path), ("Vault", "What it shows", "Automated import", "Invoices"), rows)


def write_vaults(story: Story) -> Path:
    """Write the vaults file that `drawbridge vaults apply` reads."""
    path = story.folder / "vaults.yaml"
    vaults = {vault: vault_settings(story, vault) for vault in BEHAVIORS}
    path.write_text(yaml.safe_dump({"vaults": vaults}, sort_keys=False))
    return path


def vault_settings(story: Story, vault: str) -> Json:
    """A vault of the story, as the API takes it."""
    job = {"enabled": True, "schedule": "0 * * * *"}
    return {
        "name": NAMES[vault],
        "time_zone": "America/Denver",
        "currency": "USD",
        "procore": {
            "company_id": story.info.company_id,
            "client_id": "env:DRAWBRIDGE_SECRET_PROCORE_CLIENT_ID",
            "client_secret": "env:DRAWBRIDGE_SECRET_PROCORE_CLIENT_SECRET",
        },
        "projects": [story.projects[vault]],
        "automated_import": BEHAVIORS[vault],
        "poll_seconds": POLL_SECONDS[vault],
        "ledger": "sage-main",
        "payment_retrieval": job,
        "check_backfill": job,
    }


async def _apply(story: Story, path: Path) -> None:
    """Apply the file as an administrator does: again, if a restart of the gateway came between."""
    output = ""
    for pause in (0, 2, 5):
        await asyncio.sleep(pause)
        code, output = await _vaults_apply(story, path)
        if code == 0:
            story.teller.say(f"drawbridge vaults apply {path.name}: all services took the settings over.")
            return
    raise StoryError(f"`drawbridge vaults apply {path}` failed.\n{output}")


async def _vaults_apply(story: Story, path: Path) -> tuple[int | None, str]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "drawbridge.cli.main", "vaults", "apply", str(path)),
        env=os.environ
        | {"DRAWBRIDGE_API_URL": story.info.api_url, "DRAWBRIDGE_SECRET_API_KEY": story.info.api_key},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    return process.returncode, output.decode(errors="replace")


async def _read(story: Story, vault: str) -> Any | None:  # noqa: ANN401  # JSON
    projects = (await story.gateway.get(f"/v1/vaults/{vault}/projects"))["items"]
    return next((project for project in projects if project["as_of"] is not None), None)
