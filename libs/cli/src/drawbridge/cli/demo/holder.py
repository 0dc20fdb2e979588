"""Hold a whole stack in this process until it is asked to stop: what ``drawbridge up`` starts."""

import asyncio
import signal
import sys
from pathlib import Path

from drawbridge.testkit.servers import servers
from drawbridge.testkit.stack import Stack


async def hold(folder: Path) -> None:
    """Start servers and stack, write ``stack.json`` once all is ready, and stop on SIGTERM."""
    asked_to_stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, asked_to_stop.set)
    information = folder / "stack.json"
    try:
        async with servers(management=True) as started, Stack(started, folder, progress=_report) as stack:
            stack.info.write(information)
            await asked_to_stop.wait()
    finally:
        information.unlink(missing_ok=True)  # the last thing: whoever waits for its end sees all gone


def _report(step: str) -> None:
    sys.stderr.write(f"{step}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    asyncio.run(hold(Path(sys.argv[1])))
