"""The ``summary`` of a requisition: 24 decimal strings and the period, as on form G702."""

from decimal import Decimal

from drawbridge.sandbox.procore.invoices.contract import Application
from drawbridge.sandbox.procore.invoices.lines import ZERO, Progress
from drawbridge.sandbox.procore.values import Record, decimal_text


def summary_record(application: Application) -> Record:
    """Every member of ``summary``, figured from the lines.

    The payment due holds the tax, as do the net amounts of the items. Procore does not document
    whether it does; both readings must be expected of real data.
    """
    contract, progress = application.contract, application.progress
    completed = sum((p.to_date for p in progress), ZERO)
    on_work = sum((p.work_retained_now for p in progress), ZERO)
    on_materials = sum((p.stored_retained for p in progress), ZERO)
    stored = sum((p.stored for p in progress), ZERO)
    contract_sum = contract.original_sum + contract.change_orders
    plan = application.plan
    figures = {
        "original_contract_sum": contract.original_sum,
        "net_change_by_change_orders": contract.change_orders,
        "contract_sum_to_date": contract_sum,
        "total_completed_and_stored_to_date": completed,
        "completed_work_retainage_percent": contract.retainage,
        "completed_work_retainage_amount": on_work,
        "stored_materials_retainage_percent": contract.retainage,
        "stored_materials_retainage_amount": on_materials,
        "total_retainage": on_work + on_materials,
        "total_earned_less_retainage": application.earned,
        "less_previous_certificates_for_payment": application.certified_before,
        "tax_applicable_to_this_payment": application.tax,
        "current_payment_due": application.due,
        "balance_to_finish_including_retainage": contract_sum - application.earned,
        "new_materials": stored,
        "new_materials_quantity": ZERO,
        "stored_materials": stored,
        "stored_materials_quantity": ZERO,
        **_change_orders(progress, plan.new_lines),
    }
    record: Record = {name: decimal_text(value) for name, value in figures.items()}
    start, end = plan.period["start_date"], plan.period["end_date"]
    record["formatted_period"] = f"{start} - {end}"
    return record


def _change_orders(progress: list[Progress], new: frozenset[int]) -> dict[str, Decimal]:
    changes = [p.line for p in progress if p.line.change_order_id is not None]
    totals: dict[str, Decimal] = {}
    for sign, wanted in (("positive", 1), ("negative", -1)):
        lines = [line for line in changes if line.scheduled * wanted > 0]
        fresh = sum((line.scheduled for line in lines if line.id in new), ZERO)
        total = sum((line.scheduled for line in lines), ZERO)
        totals[f"{sign}_change_order_item_total"] = total
        totals[f"{sign}_new_change_order_item_total"] = fresh
        totals[f"{sign}_previous_change_order_item_total"] = total - fresh
    return totals
