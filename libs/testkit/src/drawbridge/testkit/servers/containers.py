"""RabbitMQ and PostgreSQL as containers, bound to fixed ports on loopback so that a restart keeps them."""

import asyncio
import contextlib
import secrets
from collections.abc import Awaitable, Callable
from pathlib import Path

import docker  # type: ignore[import-untyped]  # ships no types
import docker.errors  # type: ignore[import-untyped]  # as above
from requests.exceptions import RequestException
from testcontainers.core.config import testcontainers_config
from testcontainers.core.container import DockerContainer

from drawbridge.testkit.leftovers import forget_container, watch_container
from drawbridge.testkit.ports import free_port, wait_until
from drawbridge.testkit.servers.instance import ServerError
from drawbridge.testkit.servers.postgres import DURABLE, HASTY
from drawbridge.testkit.servers.ready import answers_management, answers_sql, speaks_amqp

RABBITMQ_IMAGE = "rabbitmq:4-management"
POSTGRES_IMAGE = "postgres:17"
_PULL_SECONDS = 60  # without one byte from the registry, not for the whole image

type Ready = Callable[[], Awaitable[bool]]


class ContainerServer:
    """One server in a container."""

    def __init__(self, container: DockerContainer, engine: Path, url: str, ready: Ready) -> None:
        self.url = url
        self.management_url: str | None = None
        self.origin = f"container ({container.image})"
        self._made = container
        self._engine = str(engine)
        self._ready = ready
        self._created = False

    def _create(self) -> None:
        self._made.start()
        self._created = True
        watch_container(self._made.get_container_id(), self._engine)

    async def start(self) -> None:
        """Create it, or start it again, and wait until it answers."""
        try:
            await asyncio.to_thread(
                self._made.get_wrapped_container().start if self._created else self._create
            )
            await wait_until(self._ready, seconds=90, failed=self._ended)
        except (docker.errors.DockerException, RequestException, TimeoutError) as error:
            raise ServerError(f"{self.origin}: {error}") from error

    def _ended(self) -> str | None:
        """Why a container that has ended did so, or None while it runs."""
        container = self._made.get_wrapped_container()
        container.reload()
        if container.status != "exited":
            return None
        logs: bytes = container.logs(tail=20)
        return "it ended.\n" + logs.decode(errors="replace")

    async def stop(self, *, kill: bool = False) -> None:
        """Stop it in good order, or kill it."""
        container = self._made.get_wrapped_container()
        await asyncio.to_thread(container.kill if kill else container.stop)

    async def restart(self, *, kill: bool = False) -> None:
        """Stop and start on the same port with the same data."""
        await self.stop(kill=kill)
        await self.start()

    def close(self) -> None:
        """Remove it with its data."""
        if self._created:
            identifier = self._made.get_container_id()
            with contextlib.suppress(docker.errors.DockerException, RequestException):
                self._made.stop()
                forget_container(identifier)
            self._created = False


def _have_image(engine: Path, image: str) -> None:
    """Pull an image that is not there yet. Raises ServerError where no registry gives it."""
    try:
        client = docker.DockerClient(base_url=f"unix://{engine}", timeout=_PULL_SECONDS)
        with contextlib.closing(client):
            try:
                client.images.get(image)
            except docker.errors.ImageNotFound:
                client.images.pull(image)
    except (docker.errors.DockerException, RequestException) as error:
        raise ServerError(
            f"container engine: image {image} is not here and cannot be pulled: {error}"
        ) from error


def _container(engine: Path, image: str, ports: dict[int, int]) -> DockerContainer:
    _have_image(engine, image)
    testcontainers_config.ryuk_disabled = True  # our watchdog does its work without one more image
    container = DockerContainer(image, docker_client_kw={"environment": {"DOCKER_HOST": f"unix://{engine}"}})
    for inside, outside in ports.items():
        # Docker's own form for "on this address only"; testcontainers' signature knows numbers alone.
        container.ports[str(inside)] = ("127.0.0.1", outside)  # type: ignore[assignment]
    return container


def rabbitmq_container(engine: Path, *, management: bool) -> ContainerServer:
    """A broker with user guest, not started yet. Raises ServerError without its image."""
    port, management_port = free_port(), free_port()
    management_url = f"http://guest:guest@127.0.0.1:{management_port}"

    async def ready() -> bool:
        return await speaks_amqp(port) and (not management or await answers_management(management_url))

    container = _container(engine, RABBITMQ_IMAGE, {5672: port, 15672: management_port})
    container.with_env("RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", "-rabbit loopback_users []")
    server = ContainerServer(container, engine, f"amqp://guest:guest@127.0.0.1:{port}/", ready)
    server.management_url = management_url if management else None
    return server


def postgres_container(engine: Path, *, durable: bool) -> ContainerServer:
    """A PostgreSQL with a random password, not started yet. Raises ServerError without its image."""
    port, password = free_port(), secrets.token_urlsafe(16)
    url = f"postgresql://postgres:{password}@127.0.0.1:{port}/postgres"
    container = _container(engine, POSTGRES_IMAGE, {5432: port})
    container.with_env("POSTGRES_PASSWORD", password)
    settings = {"max_connections": "200", "jit": "off"} | (DURABLE if durable else HASTY)
    options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    container.with_command(["postgres", *options])
    return ContainerServer(container, engine, url, lambda: answers_sql(url))
