"""Hints of Procore's webhooks: they only make sooner what the poll finds anyway."""

from collections import defaultdict
from collections.abc import Sequence

from drawbridge.contracts.envelope import Cause
from drawbridge.contracts.errors import Refused
from drawbridge.contracts.procore_changes import FollowChange
from drawbridge.import_service.domain.changes import concern_of, is_own
from drawbridge.import_service.store.vaults import Vault, find_vault
from drawbridge.import_service.store.webhooks import own_user
from drawbridge.import_service.usecases.list_projects import listing_work
from drawbridge.import_service.usecases.look_at_invoice import look_work
from drawbridge.import_service.usecases.sync_project import sync_work
from drawbridge.persistence import NORMAL, NewWork, Transaction
from drawbridge.runtime import get_logger, resolve_secret

MANY = 20
"""From so many hints at once about one project on, reading the whole project costs fewer calls."""

_log = get_logger(__name__)


async def follow_changes(tx: Transaction, hints: Sequence[tuple[FollowChange, Cause]]) -> None:
    """Turn hints into looks at invoices, or into readings of a project or of the list of projects."""
    works: list[NewWork] = []
    for vault_id in sorted({hint.vault_id for hint, _ in hints}):
        vault = await find_vault(tx.session, vault_id)
        ours = [(hint, cause) for hint, cause in hints if hint.vault_id == vault_id]
        if vault is None or not vault.settings.active:
            _log.info("webhook.not_followed", vault_id=vault_id, hints=len(ours))
            continue
        works += _works(vault, await _foreign(tx, vault, ours))
    await tx.add_work(*works)


async def _foreign(
    tx: Transaction, vault: Vault, hints: list[tuple[FollowChange, Cause]]
) -> list[tuple[FollowChange, Cause]]:
    """Those that our own app did not cause."""
    user_id = await own_user(tx.session, vault.id)
    try:
        application_id = resolve_secret(vault.settings.procore.client_id).get_secret_value()
    except Refused:
        application_id = ""
    return [(hint, cause) for hint, cause in hints if not is_own(hint, user_id, application_id)]


def _works(vault: Vault, hints: list[tuple[FollowChange, Cause]]) -> list[NewWork]:
    works: list[NewWork] = []
    looks: dict[int, list[NewWork]] = defaultdict(list)
    for hint, cause in hints:
        concern = concern_of(hint.resource)
        if concern == "project":
            works.append(listing_work(vault.id, cause, again=True))
        elif concern == "invoice" and hint.project_id is not None:
            looks[hint.project_id].append(look_work(vault.id, hint.project_id, hint.resource_id, cause))
    for project_id, some in looks.items():
        many = len(some) > MANY
        works += [sync_work(vault.id, project_id, some[0].cause, NORMAL, again=True)] if many else some
    return works
