"""The actions of a page of rows: decided once for all rows that are alike in what decides them."""

from collections.abc import Mapping
from typing import Any

from drawbridge.contracts.actions import OpenInvoice, Policy, row_actions
from drawbridge.contracts.procore_invoices import ProcoreInvoice


class PageActions:
    """Asks `drawbridge.contracts.actions` for each kind of row that a page has, which are few.

    Rows are JSON members of a `ProcoreInvoice`; so are the answers of `RowActions`. Alike rows share one.
    """

    def __init__(self, policy: Policy, open_invoice: OpenInvoice | None) -> None:
        self._policy = policy
        self._open = open_invoice
        self._open_id = str(open_invoice.id) if open_invoice else None
        self._decided: dict[object, dict[str, Any]] = {}

    def of(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Each action of a row by its name, with its reason."""
        kind = self._kind(row)
        decided = self._decided.get(kind)
        if decided is None:
            decided = self._decided[kind] = self._decide(row)
        return decided

    def _kind(self, row: Mapping[str, Any]) -> tuple[object, ...]:
        """All that actions look at; a test compares with rows that differ in every member."""
        invoice_id, drift = row.get("invoice_id"), row.get("drift")
        return (
            row["procore_status"],
            row["import_state"],
            row.get("invoice_status"),
            invoice_id is not None,
            invoice_id == self._open_id,
            (drift["kind"], drift["what"]) if drift else None,
        )

    def _decide(self, row: Mapping[str, Any]) -> dict[str, Any]:
        whole = ProcoreInvoice.model_validate(row, extra="ignore")
        return row_actions(whole, self._policy, self._open).model_dump(mode="json", by_alias=True)
