"""The kinds of work items that are commands, by the command's class."""

from drawbridge.contracts.import_commands import (
    ChangeInvoice,
    ChangeVendorMap,
    CreateInvoice,
    DeleteInvoice,
    DeleteQueueDocument,
    DismissError,
    ImportCommand,
    ImportInvoice,
    NewInvoice,
    ProcessInvoice,
    RefreshInvoice,
    ReopenInvoice,
    SetLedgerReference,
    WithdrawInvoice,
)

KINDS: dict[type[ImportCommand], str] = {
    ImportInvoice: "import_invoice",
    NewInvoice: "new_invoice",
    RefreshInvoice: "refresh_invoice",
    CreateInvoice: "create_invoice",
    ProcessInvoice: "process_invoice",
    ChangeInvoice: "change_invoice",
    SetLedgerReference: "set_ledger_reference",
    WithdrawInvoice: "withdraw_invoice",
    DeleteInvoice: "delete_invoice",
    ReopenInvoice: "reopen_invoice",
    DismissError: "dismiss_error",
    DeleteQueueDocument: "delete_document",
    ChangeVendorMap: "change_vendor_map",
}


def kind_of(command: ImportCommand) -> str:
    """The kind of the work item that does this command."""
    return KINDS[type(command)]
