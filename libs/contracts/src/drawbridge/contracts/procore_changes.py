"""What Procore's webhooks say, passed on: a hint that something changed, never what it became."""

from typing import ClassVar

from drawbridge.contracts.import_commands import IMPORT_SERVICE
from drawbridge.contracts.message import Command
from drawbridge.contracts.values import ProcoreId, Timestamp, VaultId


class FollowChange(Command):
    """Look at what Procore says has changed. Nothing answers it: the poll finds the same, only later.

    ``event_id`` is Procore's id of the event. ``resource`` is Procore's name of the kind of record, as in its
    webhook, and ``resource_id`` the record's id; ``reason`` says what happened to it (create, update,
    delete, or a word that we do not know yet). ``user_id`` and ``application_id`` say who did it.
    """

    TYPE: ClassVar[str] = "drawbridge.procore-change.follow.requested.v1"
    TO: ClassVar[str] = IMPORT_SERVICE

    vault_id: VaultId
    event_id: str
    resource: str
    resource_id: ProcoreId
    project_id: ProcoreId | None = None
    reason: str = ""
    user_id: ProcoreId | None = None
    application_id: str | None = None
    happened_at: Timestamp | None = None

    def subject(self) -> str:
        """``procore-change/<vault>/<event>``."""
        return f"procore-change/{self.vault_id}/{self.event_id}"
