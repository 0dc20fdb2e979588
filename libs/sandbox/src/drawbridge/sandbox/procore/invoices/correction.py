"""Correct an invoice after it was billed, so that its figures still tie."""

from decimal import Decimal

from drawbridge.sandbox.procore.values import Record, decimal_text, percent_text

ITEM_FIGURES = (
    "net_amount",
    "gross_amount",
    "work_completed_this_period",
    "total_completed_and_stored_to_date",
    "subcontractor_claimed_amount",
)
SUMMARY_FIGURES = (
    "total_completed_and_stored_to_date",
    "total_earned_less_retainage",
    "current_payment_due",
)


def correct(record: Record, work: Decimal) -> None:
    """Add ``work`` (it may be negative) to the first item, without retainage or tax on it.

    Later invoices on the contract keep what they were billed after. Raises decimal.InvalidOperation
    for an invoice whose figures cannot be read.
    """
    item, summary = record["items"][0], record["summary"]
    _add(item, ITEM_FIGURES, work)
    _add(summary, SUMMARY_FIGURES, work)
    _add(summary, ("balance_to_finish_including_retainage",), -work)
    _add(record, ("total_claimed_amount",), work)
    item["total_completed_and_stored_to_date_percent"] = percent_text(
        Decimal(item["total_completed_and_stored_to_date"]), Decimal(item["scheduled_value"])
    )
    record["percent_complete"] = percent_text(
        Decimal(summary["total_completed_and_stored_to_date"]), Decimal(summary["contract_sum_to_date"])
    )


def _add(record: Record, names: tuple[str, ...], amount: Decimal) -> None:
    for name in names:
        record[name] = decimal_text(Decimal(record[name]) + amount)
