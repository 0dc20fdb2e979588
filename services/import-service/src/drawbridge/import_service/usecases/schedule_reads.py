"""The schedule: list projects and poll invoices when they are due."""

from datetime import timedelta

from drawbridge.contracts.envelope import Cause
from drawbridge.import_service.store.projects import due_syncs, plan_next_syncs
from drawbridge.import_service.store.vaults import due_listings, plan_next_listings
from drawbridge.import_service.usecases.list_projects import listing_work
from drawbridge.import_service.usecases.sync_project import POLL, sync_work
from drawbridge.persistence import Database


class ReadSchedule:
    """Turns due reads into work items; several workers at once do no harm."""

    def __init__(self, database: Database, listing_every: timedelta, polls_per_hour: float) -> None:
        self._database = database
        self._listing_every = listing_every
        self._polls_per_hour = polls_per_hour

    async def run(self) -> None:
        """Add what is due now.

        The work comes first, then the rows that it will write when it ends: who ends an item locks them in
        this order too, so that nobody waits in a circle.
        """
        async with self._database.transaction() as tx:
            vaults = await due_listings(tx.session, tx.now)
            projects = await due_syncs(tx.session, tx.now)
            works = [listing_work(vault_id, Cause.new()) for vault_id in vaults]
            works += [sync_work(vault_id, project_id, Cause.new(), POLL) for vault_id, project_id in projects]
            if works:
                await tx.add_work(*works)
                await plan_next_listings(tx.session, vaults, tx.now + self._listing_every)
                await plan_next_syncs(tx.session, projects, tx.now, self._polls_per_hour)
