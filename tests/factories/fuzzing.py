"""Schemathesis against the running gateway: what the OpenAPI document promises, with made-up requests."""

import asyncio
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.factories.gateway import KEY

_PROGRAM = Path(sys.executable).with_name("schemathesis")
_STREAM = "/v1/vaults/{vault_id}/events"
"""It never ends, so it has tests of its own."""


@dataclass(frozen=True)
class Fuzzed:
    """How it ended, and all that it printed."""

    failed: bool
    printed: str


async def fuzz(url: str, *, examples: int, phases: str, seed: int) -> Fuzzed:
    """Every check on every operation, as the operator."""
    process = await asyncio.create_subprocess_exec(
        _PROGRAM,
        "run",
        f"{url}/openapi.json",
        f"--header=Authorization:Bearer {KEY}",
        f"--exclude-path={_STREAM}",
        "--checks=all",
        f"--phases={phases}",
        f"--max-examples={examples}",
        f"--seed={seed}",
        "--continue-on-failure",
        "--request-timeout=30",
        "--no-color",
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    printed, _ = await process.communicate()
    return Fuzzed(process.returncode != 0, printed.decode())
