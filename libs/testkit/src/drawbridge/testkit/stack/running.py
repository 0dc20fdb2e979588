"""Start, hold and stop a whole stack."""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from pydantic import SecretStr

from drawbridge.contracts.topology import TOPOLOGY, OutsideConsumer
from drawbridge.messaging import declare, provision_users
from drawbridge.persistence.provision import provision
from drawbridge.testkit.isolation import create_database, create_vhost, unique_name, with_path
from drawbridge.testkit.ports import free_port
from drawbridge.testkit.processes import ServiceError, ServiceProcess
from drawbridge.testkit.proxy import FaultProxy
from drawbridge.testkit.servers import Server, Servers
from drawbridge.testkit.stack.configuration import (
    COMPANY_ID,
    OUTSIDE_CONSUMER,
    SCHEMAS,
    Addresses,
    Configuration,
    command,
)
from drawbridge.testkit.stack.info import StackInfo

Progress = Callable[[str], None]


def _silent(_message: str) -> None:
    """Tell nobody."""


class Stack:
    """Four services in five processes, the Procore double and the clerk of the sample ledger.

    It uses a new database, a new ledger database and, where the broker lets it, a new vhost of the given
    servers. ``overrides`` are added to every service's environment. With ``proxied`` all processes reach
    RabbitMQ, PostgreSQL and Procore through ``proxies``.
    """

    def __init__(
        self,
        servers: Servers,
        folder: Path,
        *,
        overrides: Mapping[str, str] | None = None,
        proxied: bool = False,
        progress: Progress = _silent,
    ) -> None:
        self._servers = servers
        self._folder = folder
        self._overrides = overrides or {}
        self._proxied = proxied
        self._progress = progress
        self._configuration: Configuration | None = None
        self.processes: dict[str, ServiceProcess] = {}
        self.proxies: dict[str, FaultProxy] = {}
        """By ``amqp``, ``postgres`` and ``procore``."""

    async def __aenter__(self) -> Self:
        """Start everything; on failure leave nothing running."""
        try:
            await self.start()
        except BaseException:
            self.kill()
            await self._close_proxies()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop everything in good order."""
        await self.stop()

    @property
    def configuration(self) -> Configuration:
        """Ports, passwords and environments. Raises ServiceError before the start."""
        if self._configuration is None:
            raise ServiceError("The stack was not started.")
        return self._configuration

    @property
    def info(self) -> StackInfo:
        """Where everything is. Raises ServiceError before the start."""
        chosen = self.configuration
        return StackInfo(
            api_url=chosen.url("api"),
            api_key=chosen.api_key,
            procore_url=chosen.url("procore"),
            clerk_url=chosen.url("clerk"),
            amqp_url=chosen.addresses.amqp_url,
            management_url=self._servers.management_url,
            company_id=COMPANY_ID,
            origin=self._servers.origin,
            folder=str(self._folder),
            pid=os.getpid(),
        )

    @property
    def amqp_url(self) -> str:
        """The broker, by the way that the processes take."""
        return self.configuration.seen.amqp_url

    @property
    def database_url(self) -> str:
        """The database, as an administrator, whatever happens to the processes' way."""
        return self.configuration.addresses.database_url

    async def start(self) -> None:
        """Make databases, roles, queues and tables, then start all processes. Raises ServiceError."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._progress("Making databases, roles and queues")
        self._configuration = await self._decide()
        self._add("procore", self._sandbox("procore", "--company", str(COMPANY_ID)), {})
        self.processes["procore"].launch()
        await _all([self._provision(), self._declare()])
        self._progress("Migrating four schemas")
        await _all(self._migrate(service) for service in SCHEMAS)
        self._progress("Starting the services")
        self._add_services()
        self._add_clerk()
        for name, process in self.processes.items():
            if name != "procore":
                process.launch()
        await asyncio.gather(*(process.ready(seconds=60) for process in self.processes.values()))

    async def stop(self) -> None:
        """Ask all processes to stop and wait for them."""
        await asyncio.gather(*(process.terminate() for process in self.processes.values()))
        await self._close_proxies()

    def add_twin(self, service: str) -> ServiceProcess:
        """A second worker of a service on the same schema and queues, not started yet."""
        port = free_port()
        environment = self.configuration.environment(service, port=service)
        environment["DRAWBRIDGE_HTTP_PORT"] = str(port)
        name = f"{service}_twin"
        log = self._folder / f"{name}.log"
        self.processes[name] = ServiceProcess(name, command(service, "worker"), environment, log, port=port)
        return self.processes[name]

    def kill(self) -> None:
        """End all processes at once."""
        for process in self.processes.values():
            process.kill()

    async def _close_proxies(self) -> None:
        for proxy in self.proxies.values():
            await proxy.close()

    async def _decide(self) -> Configuration:
        addresses = await self._addresses()
        own_users = self._servers.management_url is not None
        chosen = Configuration(addresses, self._folder, self._overrides, own_users=own_users)
        if not self._proxied:
            return chosen
        targets = {
            "amqp": urlsplit(chosen.addresses.amqp_url).port or 5672,
            "postgres": urlsplit(chosen.addresses.database_url).port or 5432,
            "procore": chosen.ports["procore"],
        }
        self.proxies = {name: FaultProxy(port) for name, port in targets.items()}
        for proxy in self.proxies.values():
            await proxy.start()
        return replace(chosen, routes={name: proxy.port for name, proxy in self.proxies.items()})

    async def _addresses(self) -> Addresses:
        name = unique_name("drawbridge")
        database_url = await create_database(self._servers.postgres_url, name)
        ledger_url = await create_database(self._servers.postgres_url, f"{name}_ledger")
        return Addresses(await _vhost(self._servers.rabbitmq, name), database_url, ledger_url)

    async def _provision(self) -> None:
        chosen = self.configuration
        url = SecretStr(chosen.addresses.database_url)
        await provision(url, database=chosen.database, services=chosen.roles())

    async def _declare(self) -> None:
        management_url = self._servers.management_url
        if management_url is not None:
            users = self.configuration.broker_users()
            vhost = self.configuration.database
            await provision_users(SecretStr(management_url), vhost=vhost, users=users)
        consumer = OutsideConsumer(OUTSIDE_CONSUMER, ("drawbridge.invoice.processed.v1",))
        await declare(SecretStr(self.configuration.addresses.amqp_url), TOPOLOGY.with_outside([consumer]))

    async def _migrate(self, service: str) -> None:
        process = await asyncio.create_subprocess_exec(
            *command(service, "migrate"),
            env=os.environ | self.configuration.environment(service, port=service),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output, _ = await process.communicate()
        if process.returncode != 0:
            raise ServiceError(f"{service} migrate failed.\n{output.decode(errors='replace')[-4000:]}")

    def _add_services(self) -> None:
        self._add("api", command("gateway", "api"), self.configuration.environment("gateway", port="api"))
        for service in SCHEMAS:
            environment = self.configuration.environment(service, port=service)
            self._add(service, command(service, "worker"), environment)

    def _add_clerk(self) -> None:
        addresses = self.configuration.addresses
        arguments = ["--queue", f"outside.{OUTSIDE_CONSUMER}"]
        environment = {
            "DRAWBRIDGE_SECRET_LEDGER_URL": addresses.ledger_url,
            "DRAWBRIDGE_SECRET_AMQP_URL": self.configuration.seen.amqp_url,
        }
        self._add("clerk", self._sandbox("clerk", *arguments), environment)

    def _sandbox(self, name: str, *arguments: str) -> list[str]:
        port = str(self.configuration.ports[name])
        return [sys.executable, "-m", "drawbridge.sandbox", name, "--port", port, *arguments]

    def _add(self, name: str, argv: list[str], environment: Mapping[str, str]) -> None:
        log = self._folder / f"{name}.log"
        port = self.configuration.ports[name]
        self.processes[name] = ServiceProcess(name, argv, environment, log, port=port)


async def _all(steps: Iterable[Awaitable[None]]) -> None:
    """Take all steps at once and wait for each, so that none is left half done; raise the first error."""
    for outcome in await asyncio.gather(*steps, return_exceptions=True):
        if isinstance(outcome, BaseException):
            raise outcome


async def _vhost(broker: Server, name: str) -> str:
    """A vhost of our own, where the broker's management API can make one."""
    if broker.management_url is None:
        return broker.url
    await create_vhost(broker.management_url, name)
    return with_path(broker.url, name)
