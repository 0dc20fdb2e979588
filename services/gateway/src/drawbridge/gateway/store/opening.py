"""Opens the gateway's own schema; apart from the wiring, because API and worker share nothing else."""

from drawbridge.gateway.settings import Settings
from drawbridge.gateway.store.tables import SCHEMA
from drawbridge.persistence import Database

SERVICE = "gateway"


def open_database(settings: Settings) -> Database:
    """The gateway's own schema."""
    return Database(
        settings.database_url, schema=SCHEMA, service=SERVICE, pool_size=settings.database_pool_size
    )
