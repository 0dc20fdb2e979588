"""The kinds of work items that are commands, by the command's class."""

from drawbridge.contracts.import_commands import (
    CreateInvoice,
    ImportCommand,
    ImportInvoice,
    NewInvoice,
    ProcessInvoice,
    RefreshInvoice,
)

KINDS: dict[type[ImportCommand], str] = {
    ImportInvoice: "import_invoice",
    NewInvoice: "new_invoice",
    RefreshInvoice: "refresh_invoice",
    CreateInvoice: "create_invoice",
    ProcessInvoice: "process_invoice",
}


def kind_of(command: ImportCommand) -> str:
    """The kind of the work item that does this command."""
    return KINDS[type(command)]
