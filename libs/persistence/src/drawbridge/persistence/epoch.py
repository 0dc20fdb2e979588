"""The schema's epoch: raised after a restore, so that its versions are believed again."""

from sqlalchemy import select, update

from drawbridge.persistence.database import Database
from drawbridge.persistence.transaction import Transaction


async def current_epoch(database: Database, tx: Transaction) -> int:
    """The epoch to give to `version_after`."""
    epoch: int = (await tx.session.execute(select(database.tables.epoch.c.epoch))).scalar_one()
    return epoch


async def raise_epoch(database: Database, tx: Transaction) -> int:
    """Begin the next epoch; gives the new one."""
    table = database.tables.epoch
    statement = update(table).values(epoch=table.c.epoch + 1).returning(table.c.epoch)
    epoch: int = (await tx.session.execute(statement)).scalar_one()
    return epoch
