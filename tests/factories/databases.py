"""A service's schema, migrated once a run and copied for each test."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from pydantic import SecretStr
from sqlalchemy import make_url

from drawbridge.persistence import provision, upgrade
from drawbridge.testkit.isolation import fresh_database


def as_role(admin_url: str, role: str) -> SecretStr:
    """The same database as a service's own role, whose password here is its name."""
    own = make_url(admin_url).set(username=role, password=role)
    return SecretStr(own.render_as_string(hide_password=False))


@asynccontextmanager
async def migrated_database(admin_url: str, service: str, schema: str) -> AsyncIterator[str]:
    """The name of a database with a service's schema, as a template; the role is called like the schema."""
    async with fresh_database(admin_url) as url:
        name = url.rpartition("/")[2]
        account = (schema, SecretStr(schema))
        await provision(SecretStr(admin_url), database=name, services={schema: account})
        await upgrade(as_role(url, schema), f"drawbridge.{service}")
        yield name
