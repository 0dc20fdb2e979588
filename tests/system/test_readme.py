"""The commands of the README work as they stand there."""

import asyncio
import re
from pathlib import Path

from drawbridge.cli.demo.chapters.set_up_vaults import set_up_vaults
from drawbridge.cli.demo.command import tell
from drawbridge.cli.demo.teller import Teller
from tests.system.conftest import StartStack

README = Path(__file__).parents[2] / "README.md"


def _block(beginning: str) -> str:
    blocks: list[str] = re.findall(r"```sh\n(.*?)```", README.read_text(), re.DOTALL)
    return next(block for block in blocks if beginning in block)


async def _bash(script: str, **environment: str) -> str:
    process = await asyncio.create_subprocess_exec(
        *("bash", "-euo", "pipefail", "-c", script),
        env={"PATH": "/usr/local/bin:/usr/bin:/bin"} | environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    assert process.returncode == 0, output.decode()
    return output.decode()


async def test_the_curl_lines_work(start_stack: StartStack, teller: Teller) -> None:
    lines = [line for line in _block("curl -s").splitlines() if not line.startswith("eval")]
    script = "\n".join(line.replace("curl -s ", "curl --fail-with-body -sS ") + "\necho" for line in lines)
    assert sum(line.startswith("curl") for line in lines) == 5
    async with start_stack() as stack:
        await tell(stack.info, teller, [set_up_vaults])
        output = await _bash(script, API=stack.info.api_url, KEY=stack.info.api_key)

    assert '"by-hand"' in output
    assert '"actions"' in output
    assert '"done"' in output, "the import is done within the request"
    assert '"imported"' in output, "the history tells it"


def test_readme_is_short() -> None:
    assert len(README.read_text().splitlines()) <= 150
