"""The import story, told by a client that a stock generator made of the gateway's OpenAPI document.

Run by the generator's own Python with the made client on its path: it knows only what the document says.
"""

import os
import sys

from generated.api.ap_invoices import get_invoice, patch_invoice
from generated.api.operations import get_operation
from generated.api.procore_invoices import list_procore_invoices, post_import
from generated.client import AuthenticatedClient
from generated.models import GridPage, ImportBody, InvoicePatchBody, InvoiceView, Operation

VAULT = sys.argv[1]


def main() -> None:
    with AuthenticatedClient(os.environ["API"], os.environ["KEY"], timeout=60) as client:
        page = list_procore_invoices.sync(VAULT, client=client, range_="all")
        assert isinstance(page, GridPage), page
        row = next(each for each in page.items if each.actions.import_.allowed)
        operation = post_import.sync(
            VAULT, row.requisition_id, client=client, body=ImportBody(), prefer="wait=30"
        )
        assert isinstance(operation, Operation), operation
        assert operation.status == "done", operation
        again = get_operation.sync(operation.id, client=client)
        assert isinstance(again, Operation), again
        invoice_id = operation.result["invoice_id"]
        invoice = get_invoice.sync(VAULT, invoice_id, client=client)
        assert isinstance(invoice, InvoiceView), invoice
        assert invoice.requisition_id == row.requisition_id
        change = patch_invoice.sync(
            VAULT,
            invoice_id,
            client=client,
            body=InvoicePatchBody(notes="By a generated client."),
            if_match=f'"{invoice.version}"',
            prefer="wait=30",
        )
        assert isinstance(change, Operation), change
        assert change.status == "done", change
        sys.stdout.write(f"imported {invoice.content.header.vendor.name}\n")


main()
