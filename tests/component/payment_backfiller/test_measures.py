"""Payment-backfiller's own measures fit its tables."""

from drawbridge.payment_backfiller.store.measures import MEASURES
from drawbridge.persistence import Database
from drawbridge.persistence.measuring import measure_once


async def test_the_questions_can_be_asked(database: Database) -> None:
    await measure_once(database, MEASURES)
