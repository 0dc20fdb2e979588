"""Where everything of a running stack is found."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self


@dataclass(frozen=True)
class StackInfo:
    """Addresses and the operator's key of a throwaway stack on loopback.

    ``origin`` says where RabbitMQ and PostgreSQL came from; ``folder`` holds logs and configuration files.
    """

    api_url: str
    api_key: str
    procore_url: str
    clerk_url: str
    amqp_url: str
    management_url: str | None
    company_id: int
    origin: str
    folder: str
    pid: int

    def write(self, path: Path) -> None:
        """Write it as JSON that only this user can read: it holds a key, if only a throwaway one."""
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump(asdict(self), file, indent=2)

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read what `write` wrote. Raises FileNotFoundError where no stack is running."""
        return cls(**json.loads(path.read_text()))
