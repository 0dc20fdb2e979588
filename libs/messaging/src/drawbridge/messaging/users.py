"""The broker's users and what they may do, through RabbitMQ's management API."""

from collections.abc import Mapping
from urllib.parse import quote

from pydantic import SecretStr

from drawbridge.contracts.broker_access import Access

_SECONDS = 10


async def provision_users(
    management_url: SecretStr, *, vhost: str, users: Mapping[str, tuple[SecretStr, Access]]
) -> None:
    """Create or change users so that each may do only this, in this vhost only; safe to repeat.

    ``management_url`` is an administrator's, like ``http://admin:password@host:15672``; ``users`` maps a
    name to its password and access.

    Raises:
        httpx.HTTPError: when the API is away or refuses.
    """
    import httpx  # noqa: PLC0415  # it loads its own command line with it: 6 MiB that no service needs for this

    base = management_url.get_secret_value()
    async with httpx.AsyncClient(base_url=base, timeout=_SECONDS, trust_env=False) as client:
        for name, (password, access) in users.items():
            user = {"password": password.get_secret_value(), "tags": ""}
            (await client.put(f"/api/users/{quote(name, safe='')}", json=user)).raise_for_status()
            may = {"configure": access.configure, "write": access.write, "read": access.read}
            path = f"/api/permissions/{quote(vhost, safe='')}/{quote(name, safe='')}"
            (await client.put(path, json=may)).raise_for_status()
