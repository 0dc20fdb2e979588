"""The schedule of webhooks: set up, look at once a day, take away."""

from drawbridge.contracts.envelope import Cause
from drawbridge.import_service.store.webhooks import due_hooks
from drawbridge.import_service.usecases.settle_webhook import webhook_work
from drawbridge.persistence import Database


class WebhookSchedule:
    """Turns hooks that are due into work items; several workers at once do no harm."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def run(self) -> None:
        """Add what is due now."""
        async with self._database.transaction() as tx:
            due = await due_hooks(tx.session, tx.now)
            if due:
                await tx.add_work(
                    *(webhook_work(vault_id, project_id, Cause.new()) for vault_id, project_id in due)
                )
