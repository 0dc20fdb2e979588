"""A Python program with an environment of its own in .tools, for what does not get on with ours."""

import asyncio
import os
import shutil
import sys
from pathlib import Path

_ROOT = Path(__file__).parents[2]


async def output_of(*argv: str | Path, **environment: str) -> str:
    """What a program prints; it must end well."""
    process = await asyncio.create_subprocess_exec(
        *map(str, argv),
        env=os.environ | environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    printed, _ = await process.communicate()
    assert process.returncode == 0, printed.decode()
    return printed.decode()


async def python_tool(name: str, requirements: Path, program: str) -> Path:
    """The folder of the programs of that environment, which is made where ``program`` is not in it yet."""
    place = _ROOT / ".tools" / name
    if not (place / "bin" / program).exists():
        uv = shutil.which("uv") or str(_ROOT / ".tools" / "uv" / "bin" / "uv")
        await output_of(uv, "venv", "--quiet", "--clear", "--python", sys.executable, place)
        python = place / "bin" / "python"
        await output_of(uv, "pip", "install", "--quiet", "--python", python, "-r", requirements)
    return place / "bin"
