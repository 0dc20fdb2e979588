"""What each process of a stack is told: its command, its port, its environment."""

import secrets
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import yaml
from pydantic import SecretStr

from drawbridge.contracts.broker_access import Access, service_access
from drawbridge.testkit.ports import free_port

IMPATIENT = {
    "DRAWBRIDGE_DOUBT_SECONDS": "2",
}
"""A story cannot wait as long as production should."""

COMPANY_ID = 562949953421312
"""The sandbox's Procore company; beyond 32 bits, as real ids may be."""

OUTSIDE_CONSUMER = "clerk"
PROCORE_CLIENT_ID, PROCORE_CLIENT_SECRET = "sandbox-client", "sandbox-secret"
SCHEMAS = {
    "gateway": "gateway",
    "import_service": "imports",
    "cloud_service": "cloud",
    "payment_backfiller": "payments",
}
"""Each service's schema."""


@dataclass(frozen=True)
class Addresses:
    """What the processes connect to."""

    amqp_url: str
    database_url: str
    ledger_url: str

    def through(self, routes: Mapping[str, int]) -> "Addresses":
        """The same by way of other loopback ports, such as those of proxies."""
        return Addresses(
            _by_way_of(self.amqp_url, routes.get("amqp")),
            _by_way_of(self.database_url, routes.get("postgres")),
            _by_way_of(self.ledger_url, routes.get("postgres")),
        )


@dataclass(frozen=True)
class Configuration:
    """Everything that is decided before the first process starts: ports, passwords, environments.

    ``routes`` names ports that the processes use instead of the real ones, by ``amqp``, ``postgres`` and
    ``procore``.
    """

    addresses: Addresses
    folder: Path
    overrides: Mapping[str, str] = field(default_factory=dict)
    api_key: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    passwords: Mapping[str, str] = field(
        default_factory=lambda: {service: secrets.token_hex(16) for service in SCHEMAS}
    )
    ports: Mapping[str, int] = field(
        default_factory=lambda: {
            name: free_port()
            for name in (
                "api",
                "gateway",
                "import_service",
                "cloud_service",
                "payment_backfiller",
                "procore",
                "clerk",
            )
        }
    )
    routes: Mapping[str, int] = field(default_factory=dict)
    own_users: bool = False
    """Whether each service has a broker user of its own; it takes the broker's management API."""

    @property
    def seen(self) -> Addresses:
        """The addresses as the processes see them."""
        return self.addresses.through(self.routes)

    def url(self, name: str) -> str:
        """The loopback URL of one process."""
        return f"http://127.0.0.1:{self.ports[name]}"

    @property
    def database(self) -> str:
        """The database's name."""
        return urlsplit(self.addresses.database_url).path.lstrip("/")

    def role(self, service: str) -> str:
        """That service's role: roles belong to the whole server, so another stack must not share them."""
        return f"{self.database}_{SCHEMAS[service]}"

    def roles(self) -> dict[str, tuple[str, SecretStr]]:
        """Schema → (role, password)."""
        return {
            schema: (self.role(service), SecretStr(self.passwords[service]))
            for service, schema in SCHEMAS.items()
        }

    def database_url(self, service: str) -> str:
        """The database as that service's own role."""
        parts = urlsplit(self.seen.database_url)
        account = f"{self.role(service)}:{self.passwords[service]}"
        return urlunsplit(parts._replace(netloc=f"{account}@{parts.hostname}:{parts.port}"))

    def broker_user(self, service: str) -> str:
        """That service's broker user: users, too, belong to the whole server."""
        return f"{self.database}-{_broker_name(service)}"

    def broker_users(self) -> dict[str, tuple[SecretStr, Access]]:
        """User → (password, what it may do)."""
        return {
            self.broker_user(service): (
                SecretStr(self.passwords[service]),
                service_access(_broker_name(service)),
            )
            for service in SCHEMAS
        }

    def amqp_url(self, service: str) -> str:
        """The broker as that service's own user, where the stack could make users."""
        if not self.own_users:
            return self.seen.amqp_url
        parts = urlsplit(self.seen.amqp_url)
        account = f"{self.broker_user(service)}:{self.passwords[service]}"
        return urlunsplit(parts._replace(netloc=f"{account}@{parts.hostname}:{parts.port}"))

    def environment(self, service: str, *, port: str) -> dict[str, str]:
        """The environment of one of the four services."""
        own = {
            "gateway": {"DRAWBRIDGE_SECRET_BOOTSTRAP_KEY": self.api_key},
            "import_service": self._procore(),
            "cloud_service": {},
            "payment_backfiller": self._procore()
            | {
                "DRAWBRIDGE_LEDGERS_FILE": str(self.write_ledgers()),
                "DRAWBRIDGE_SECRET_SAGE_URL": self.seen.ledger_url,
            },
        }[service]
        return {
            "DRAWBRIDGE_SECRET_DATABASE_URL": self.database_url(service),
            "DRAWBRIDGE_SECRET_AMQP_URL": self.amqp_url(service),
            "DRAWBRIDGE_HTTP_PORT": str(self.ports[port]),
            **own,
            **IMPATIENT,
            **self.overrides,
        }

    def _procore(self) -> dict[str, str]:
        url = _by_way_of(self.url("procore"), self.routes.get("procore"))
        return {
            "DRAWBRIDGE_PROCORE_API_URL": url,
            "DRAWBRIDGE_PROCORE_CALLS_PER_HOUR": "1000000",
            "DRAWBRIDGE_PROCORE_LOGIN_URL": url,
            "DRAWBRIDGE_SECRET_PROCORE_CLIENT_ID": PROCORE_CLIENT_ID,
            "DRAWBRIDGE_SECRET_PROCORE_CLIENT_SECRET": PROCORE_CLIENT_SECRET,
        }

    def write_ledgers(self) -> Path:
        """Write the deployment's ledgers file: one sample ledger shaped like Sage 100 Contractor."""
        path = self.folder / "ledgers.yaml"
        entry = {
            "preset": "sage100",
            "url": "env:DRAWBRIDGE_SECRET_SAGE_URL",
            "time_zone": "America/Denver",
            "currency": "USD",
        }
        path.write_text(yaml.safe_dump({"ledgers": {"sage-main": entry}}))
        return path


def _broker_name(service: str) -> str:
    return service.replace("_", "-")


def _by_way_of(url: str, port: int | None) -> str:
    """The URL with another port on loopback; unchanged without one."""
    if port is None:
        return url
    parts = urlsplit(url)
    account, at, _ = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=f"{account}{at}127.0.0.1:{port}"))


def command(module: str, *arguments: str) -> list[str]:
    """The command line of one of our modules."""
    return [sys.executable, "-m", f"drawbridge.{module}", *arguments]
