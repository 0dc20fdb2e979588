"""What the environment names: servers that somebody else runs, or the program of one to start."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from drawbridge.testkit.servers.instance import ServerError

AMQP_URL = "DRAWBRIDGE_TEST_AMQP_URL"
MANAGEMENT_URL = "DRAWBRIDGE_TEST_MANAGEMENT_URL"
POSTGRES_URL = "DRAWBRIDGE_TEST_POSTGRES_URL"
RABBITMQ_PROGRAM = "DRAWBRIDGE_TEST_RABBITMQ_PROGRAM"


@dataclass(frozen=True)
class GivenServer:
    """A server by its address. It is not ours, so it is never stopped."""

    url: str
    origin: str
    management_url: str | None = None

    async def stop(self, *, kill: bool = False) -> None:
        """Refuse: see the class."""
        del kill
        raise ServerError(
            f"This server ({self.origin}) is not ours to stop. Start a private one for this test."
        )

    async def start(self) -> None:
        """Refuse: see the class."""
        await self.stop()

    async def restart(self, *, kill: bool = False) -> None:
        """Refuse: see the class."""
        await self.stop(kill=kill)

    def close(self) -> None:
        """Leave it running."""


def given_rabbitmq(environment: Mapping[str, str] = os.environ) -> GivenServer | None:
    """The broker that the environment names, or None."""
    if url := environment.get(AMQP_URL):
        return GivenServer(url, f"environment ({AMQP_URL})", environment.get(MANAGEMENT_URL))
    return None


def named_rabbitmq_program(environment: Mapping[str, str] = os.environ) -> Path | None:
    """The ``rabbitmq-server`` that the environment names, to be started as a private one, or None."""
    program = environment.get(RABBITMQ_PROGRAM)
    return Path(program) if program else None


def given_postgres(environment: Mapping[str, str] = os.environ) -> GivenServer | None:
    """The PostgreSQL that the environment names, or None."""
    if url := environment.get(POSTGRES_URL):
        return GivenServer(url, f"environment ({POSTGRES_URL})")
    return None
