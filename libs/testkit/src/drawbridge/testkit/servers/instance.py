"""What every server on demand can do, wherever it came from."""

from typing import Protocol


class ServerError(RuntimeError):
    """A server did not start, stop or answer; the message carries the end of its log."""


class ServersUnavailable(ServerError):
    """No source could give a server; the message lists what was tried and what the user can do."""


class Server(Protocol):
    """One running RabbitMQ or PostgreSQL."""

    @property
    def url(self) -> str:
        """Where clients connect: ``amqp://…/`` or ``postgresql://…/postgres`` as an administrator."""

    @property
    def management_url(self) -> str | None:
        """RabbitMQ's HTTP API with its user, ``http://user:password@host:port``; None where there is none."""

    @property
    def origin(self) -> str:
        """Where the server came from, for people."""

    async def stop(self, *, kill: bool = False) -> None:
        """Stop it in good order, or as a crash would. Raises ServerError where it is not ours to stop."""

    async def start(self) -> None:
        """Start it on the same port with the data that it had, and wait until it answers."""

    async def restart(self, *, kill: bool = False) -> None:
        """Stop and start."""

    def close(self) -> None:
        """End it at once and remove everything that it made. Safe to call twice."""
