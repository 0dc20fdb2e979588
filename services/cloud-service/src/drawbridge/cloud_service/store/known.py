"""All that a batch of requests is decided by, in one round trip."""

from collections.abc import Collection
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import text

from drawbridge.cloud_service.store.subjects import Subject
from drawbridge.contracts.procore_invoices import ProcoreInvoice
from drawbridge.contracts.vaults import VaultSettings
from drawbridge.persistence import Transaction

# OFFSET 0 keeps the subqueries as they are: one look into an index for each subject, whatever PostgreSQL
# believes about the size of tables that have just grown.
_KNOWN = text("""
WITH wanted AS (
    SELECT * FROM unnest(CAST(:vault_ids AS text[]), CAST(:requisition_ids AS bigint[]))
        AS wanted (vault_id, requisition_id)
)
SELECT 'epoch' AS what, NULL AS vault_id, CAST(epoch AS bigint) AS number,
    CAST(NULL AS jsonb) AS data, CAST(NULL AS uuid) AS request_id
FROM epoch
UNION ALL
SELECT 'settings', vault_id, NULL, settings, NULL FROM vaults
WHERE vault_id IN (SELECT vault_id FROM wanted)
UNION ALL
SELECT 'done', vault_id, requisition_id, done.data, NULL FROM wanted, LATERAL (
    SELECT data FROM procore_invoices AS row
    WHERE row.vault_id = wanted.vault_id AND row.requisition_id = wanted.requisition_id
        AND import_state IN ('imported', 'in_queue')
    OFFSET 0
) AS done
UNION ALL
SELECT 'unfinished', vault_id, requisition_id, NULL, unfinished.id FROM wanted, LATERAL (
    SELECT id FROM requests AS row
    WHERE row.vault_id = wanted.vault_id AND row.requisition_id = wanted.requisition_id
        AND finished_at IS NULL
    OFFSET 0
) AS unfinished
""")


@dataclass
class Known:
    """What is known of the subjects and their vaults; ``done`` are rows that are imported or in the queue."""

    epoch: int = 0
    settings: dict[str, VaultSettings] = field(default_factory=dict)
    done: dict[Subject, ProcoreInvoice] = field(default_factory=dict)
    unfinished: dict[Subject, UUID] = field(default_factory=dict)


async def find_known(tx: Transaction, subjects: Collection[Subject]) -> Known:
    """Look up the epoch, the vaults' settings, and of each subject whether it is done or being worked on."""
    known = Known()
    values = {
        "vault_ids": [vault_id for vault_id, _ in subjects],
        "requisition_ids": [requisition_id for _, requisition_id in subjects],
    }
    for what, vault_id, number, data, request_id in await tx.session.execute(_KNOWN, values):
        match what:
            case "epoch":
                known.epoch = number
            case "settings":
                known.settings[vault_id] = VaultSettings.model_validate(data, extra="ignore")
            case "done":
                known.done[vault_id, number] = ProcoreInvoice.model_validate(data, extra="ignore")
            case _:
                known.unfinished[vault_id, number] = request_id
    return known
