"""docker-compose.yml as it is, with its sandbox, under a name and on ports of its own."""

import asyncio
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

from drawbridge.testkit.ports import free_port
from drawbridge.testkit.processes import ServiceError
from drawbridge.testkit.stack.configuration import COMPANY_ID
from drawbridge.testkit.stack.info import StackInfo

SERVERS = ("rabbitmq", "postgres")
SERVICES = ("gateway", "gateway-worker", "import-service", "cloud-service", "payment-backfiller")

_PASSWORD, _API_KEY = "try-it", "try-it-with-this-key"  # those of docker-compose.yml
_PORTS = ("amqp", "management", "postgres", "api", "procore", "clerk")
_PUBLISHED = """
services:
  rabbitmq:
    ports: !override ["127.0.0.1:{amqp}:5672", "127.0.0.1:{management}:15672"]
  postgres: {{ports: !override ["127.0.0.1:{postgres}:5432"]}}
  gateway: {{ports: !override ["127.0.0.1:{api}:8080"]}}
  procore: {{ports: !override ["127.0.0.1:{procore}:8080"]}}
  clerk: {{ports: !override ["127.0.0.1:{clerk}:8080"]}}
  import-service: {{environment: &hasty {hasty}}}
  payment-backfiller: {{environment: *hasty}}
"""

type Progress = Callable[[str], None]


class ComposeStack:
    """Everything in containers, built from the source that the file lies in.

    It takes ``docker compose`` and an engine. ``hasty`` are settings of the two services that talk to the
    outside. Nothing of it is left in the end but the images, and ``containers.log`` in the folder.
    """

    def __init__(self, file: Path, folder: Path, *, hasty: dict[str, str], progress: Progress) -> None:
        self._file = file
        self._folder = folder
        self._hasty = hasty
        self._progress = progress
        self._name = f"drawbridge-test-{os.getpid()}"
        self._ports: dict[str, int] = {}

    async def __aenter__(self) -> Self:
        """Build, start and wait until all is healthy; on failure leave nothing running."""
        try:
            await self._start()
        except BaseException:
            await self._end()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        """Remove the containers and their data."""
        await self._end()

    @property
    def info(self) -> StackInfo:
        """Where everything is."""
        return StackInfo(
            api_url=self._url("api"),
            api_key=_API_KEY,
            procore_url=self._url("procore"),
            clerk_url=self._url("clerk"),
            amqp_url=self.amqp_url,
            management_url=f"http://drawbridge:{_PASSWORD}@127.0.0.1:{self._ports['management']}",
            company_id=COMPANY_ID,
            origin="containers of docker-compose.yml",
            folder=str(self._folder),
            pid=os.getpid(),
        )

    @property
    def amqp_url(self) -> str:
        """The broker, as an administrator."""
        return f"amqp://drawbridge:{_PASSWORD}@127.0.0.1:{self._ports['amqp']}/"

    @property
    def database_url(self) -> str:
        """The database of all four schemas, as an administrator."""
        return f"postgresql://postgres:{_PASSWORD}@127.0.0.1:{self._ports['postgres']}/drawbridge"

    async def replace(self, service: str) -> float:
        """A new container in the old one's place, as an upgrade does; gives the seconds until it is healthy.

        Raises:
            ServiceError: when it does not become so.
        """
        began = time.monotonic()
        await self._compose("up", "--wait", "--no-build", "--no-deps", "--force-recreate", service)
        return time.monotonic() - began

    async def _start(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        self._ports = {name: free_port() for name in _PORTS}
        hasty = "{" + ", ".join(f'{name}: "{value}"' for name, value in self._hasty.items()) + "}"
        self._override.write_text(_PUBLISHED.format(**self._ports, hasty=hasty))
        self._progress("Building the images")
        await self._compose("build")
        self._progress("Starting the containers")
        await self._compose("up", "--wait", "--no-build")

    async def _end(self) -> None:
        (self._folder / "containers.log").write_text(await self._compose("logs", "--no-color"))
        await self._compose("down", "--volumes", "--remove-orphans", "--timeout", "30")

    @property
    def _override(self) -> Path:
        return self._folder / "published.yml"

    def _url(self, name: str) -> str:
        return f"http://127.0.0.1:{self._ports[name]}"

    async def _compose(self, *arguments: str) -> str:
        files = ("--file", str(self._file), "--file", str(self._override))
        words = ("compose", *files, "--project-name", self._name, "--profile", "sandbox", *arguments)
        try:
            process = await asyncio.create_subprocess_exec(
                "docker",
                *words,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
            )
        except FileNotFoundError:
            raise ServiceError("There is no command docker: install Docker and Compose.") from None
        output, _ = await process.communicate()
        said = output.decode(errors="replace")
        if process.returncode != 0:
            raise ServiceError(f"docker compose {' '.join(arguments)} failed.\n{said[-4000:]}")
        return said
