"""Who sends which message and who reads which queue: all that services know of each other.

The AsyncAPI document is made from this; a test compares it with what the services' code makes.
"""

from drawbridge.contracts import (
    commitment_payments,
    import_commands,
    invoices,
    outcomes,
    payment_commands,
    payments,
    procore_changes,
    procore_invoices,
    requests,
    snapshots,
    vaults,
    vendor_map,
)
from drawbridge.contracts.import_commands import IMPORT_SERVICE
from drawbridge.contracts.message import Message
from drawbridge.contracts.payments import PAYMENT_BACKFILLER
from drawbridge.contracts.topology import PARKED_QUEUE, REPROCESS_QUEUE, Queue

GATEWAY = "gateway"
CLOUD_SERVICE = "cloud-service"
SERVICES = (GATEWAY, IMPORT_SERVICE, CLOUD_SERVICE, PAYMENT_BACKFILLER)

OUTSIDE = "outside"
"""Everybody who is not one of our services: any publisher, any consumer that has a queue of its own."""

SENDERS: dict[type[Message], tuple[str, ...]] = {
    import_commands.ImportInvoice: (GATEWAY, CLOUD_SERVICE),
    import_commands.NewInvoice: (GATEWAY,),
    import_commands.CreateInvoice: (GATEWAY,),
    import_commands.RefreshInvoice: (GATEWAY,),
    import_commands.ProcessInvoice: (GATEWAY,),
    import_commands.SyncProject: (GATEWAY,),
    import_commands.DismissError: (GATEWAY,),
    import_commands.DeleteQueueDocument: (GATEWAY,),
    import_commands.ChangeInvoice: (GATEWAY,),
    import_commands.SetLedgerReference: (GATEWAY,),
    import_commands.WithdrawInvoice: (GATEWAY,),
    import_commands.DeleteInvoice: (GATEWAY,),
    import_commands.ReopenInvoice: (GATEWAY,),
    import_commands.ChangeVendorMap: (GATEWAY,),
    procore_changes.FollowChange: (GATEWAY,),
    procore_invoices.ProjectState: (IMPORT_SERVICE,),
    procore_invoices.ProcoreInvoiceState: (IMPORT_SERVICE,),
    invoices.InvoiceState: (IMPORT_SERVICE,),
    invoices.InvoiceProcessed: (IMPORT_SERVICE,),
    invoices.InvoiceReopened: (IMPORT_SERVICE,),
    vendor_map.VendorCodeState: (IMPORT_SERVICE,),
    vendor_map.VendorMapChanged: (IMPORT_SERVICE,),
    outcomes.CommandRefused: (IMPORT_SERVICE, PAYMENT_BACKFILLER),
    outcomes.CommandPostponed: (IMPORT_SERVICE,),
    outcomes.RefreshPreviewed: (IMPORT_SERVICE,),
    requests.ReprocessRequested: (GATEWAY, OUTSIDE),
    requests.RequestState: (CLOUD_SERVICE,),
    requests.RequestJoined: (CLOUD_SERVICE,),
    payments.RunJob: (GATEWAY,),
    payment_commands.TieByHand: (GATEWAY,),
    payment_commands.Untie: (GATEWAY,),
    payment_commands.Dismiss: (GATEWAY,),
    payment_commands.ConfirmForeign: (GATEWAY,),
    payment_commands.WriteAnyway: (GATEWAY,),
    payment_commands.RetryWriteBack: (GATEWAY,),
    payment_commands.ResolveByHand: (GATEWAY,),
    commitment_payments.CommitmentPaymentsState: (PAYMENT_BACKFILLER,),
    payments.AllocationState: (PAYMENT_BACKFILLER,),
    payments.InvoicePaymentsState: (PAYMENT_BACKFILLER,),
    payments.JobState: (PAYMENT_BACKFILLER,),
    payments.RunState: (PAYMENT_BACKFILLER,),
    vaults.VaultSettingsState: (GATEWAY,),
    vaults.VaultProblemsReported: (IMPORT_SERVICE, CLOUD_SERVICE, PAYMENT_BACKFILLER),
    snapshots.RequestSnapshot: SERVICES,
    snapshots.SnapshotProgress: SERVICES,
    snapshots.SnapshotFinished: SERVICES,
    snapshots.HistoryTold: SERVICES,
}
"""The senders of each message."""

PUBLIC_MESSAGES: tuple[type[Message], ...] = (
    requests.ReprocessRequested,
    invoices.InvoiceProcessed,
    invoices.InvoiceReopened,
)
"""What others may rely on: these change only with a new version of their type."""

_READERS = {REPROCESS_QUEUE: CLOUD_SERVICE, PARKED_QUEUE: GATEWAY}


def reader_of(queue: Queue) -> str:
    """The one service that reads a queue; a queue is named after it, but for those with a purpose's name."""
    return _READERS.get(queue.name) or queue.name.partition(".")[0]
