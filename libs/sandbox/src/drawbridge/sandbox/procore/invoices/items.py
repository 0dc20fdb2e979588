"""The ``items`` and ``item_packages`` of a requisition."""

from decimal import Decimal

from drawbridge.sandbox.procore.invoices.contract import Application, Contract
from drawbridge.sandbox.procore.invoices.lines import ZERO, Progress
from drawbridge.sandbox.procore.values import Ids, Record, decimal_text, percent_text

DOLLARS: Record = {
    "currency_iso_code": "USD",
    "currency_exchange_rate": 1.0,
    "base_currency_iso_code": "USD",
}


def item_record(contract: Contract, progress: Progress, position: int, ids: Ids, status: str) -> Record:
    """One item, all members. Texts first, then money, then quantities."""
    line = progress.line
    item_id = ids.next("item")
    previous, line.last_item_id = line.last_item_id, item_id
    return {
        "id": item_id,
        "item_type": "contract_item" if line.change_order_id is None else "change_order_item",
        "accounting_method": "unit" if contract.unit_based else "amount",
        "cost_code_id": line.code_id,
        "currency_configuration": dict(DOLLARS),
        "line_item_id": line.id,
        "previous_progress_id": previous,
        "description_of_work": line.description,
        "wbs_code": _wbs_code(progress),
        "comment": None,
        "status": status,
        "position": position,
        "line_number": str(position),
        "uom": line.uom,
        "ssr_manual_override": False,
        "taxes": _taxes(contract),
        **{name: decimal_text(value) for name, value in _money(progress).items()},
        **_percentages(contract, progress),
        **{name: decimal_text(value) for name, value in _quantities(progress).items()},
    }


def _money(progress: Progress) -> dict[str, Decimal]:
    return {
        "net_amount": progress.net,
        "gross_amount": progress.gross,
        "scheduled_value": progress.line.scheduled,
        "work_completed_from_previous_application": progress.moved_before,
        "work_completed_this_period": progress.work,
        "materials_presently_stored": progress.stored,
        "materials_presently_stored_from_previous_progress": progress.stored_before,
        "materials_moved": progress.stored_before,
        "materials_retainage_retained_moved": progress.stored_retained_before,
        "total_completed_and_stored_to_date": progress.to_date,
        "total_completed_and_stored_to_date_from_previous": progress.moved_before,
        "work_completed_retainage_from_previous_application": progress.retained_before,
        "work_completed_retainage_retained_this_period": progress.retained,
        "work_completed_retainage_released_this_period": progress.released,
        "materials_stored_retainage_currently_retained": progress.stored_retained,
        "materials_stored_retainage_new_materials": progress.stored_retained,
        "materials_stored_retainage_released_this_period": ZERO,
        "subcontractor_claimed_amount": progress.gross,
    }


def _percentages(contract: Contract, progress: Progress) -> Record:
    return {
        "total_completed_and_stored_to_date_percent": percent_text(progress.to_date, progress.line.scheduled),
        "work_completed_retainage_percent_this_period": decimal_text(contract.retainage),
        "materials_stored_retainage_percent_this_period": decimal_text(contract.retainage),
    }


def _quantities(progress: Progress) -> dict[str, Decimal]:
    price = progress.line.unit_price
    return {
        "scheduled_quantity": progress.line.scheduled / price if price else ZERO,
        "scheduled_unit_price": price or ZERO,
        "work_completed_this_period_quantity": progress.work / price if price else ZERO,
        "work_completed_from_previous_application_quantity": progress.moved_before / price if price else ZERO,
        "materials_presently_stored_quantity": ZERO,
        "materials_previously_stored_quantity": ZERO,
    }


def _wbs_code(progress: Progress) -> Record:
    line = progress.line
    segment = {
        "id": line.code_id,
        "code": line.code,
        "name": line.description,
        "path_ids": [line.code_id],
        "path_codes": [line.code],
        "segment_type": "cost_code",
        "segment_id": line.code_id,
    }
    return {
        "id": line.code_id,
        "flat_code": f"{line.code}.S",
        "description": f"{line.description}.Subcontract",
        "segment_items": [segment],
    }


def _taxes(contract: Contract) -> list[Record]:
    if not contract.tax_rate:
        return []
    return [
        {
            "tax_code_id": contract.tax_code_id,
            "tax_code_name": "State and local sales tax",
            "tax_code_rate": float(contract.tax_rate),
        }
    ]


def tax_summary(application: Application) -> list[Record]:
    """Tax by tax code; bare numbers here, as Procore sends them."""
    return [{**tax, "applied_amount": float(application.tax)} for tax in _taxes(application.contract)]


def item_packages(contract: Contract) -> list[Record]:
    """The groups that items belong to: the contract itself and each change order."""
    packages = [_package(contract, None, 0)]
    orders = sorted({line.change_order_id for line in contract.lines if line.change_order_id is not None})
    packages += [_package(contract, order, position) for position, order in enumerate(orders, start=1)]
    return packages


def _package(contract: Contract, change_order_id: int | None, position: int) -> Record:
    acronym = f"CCO #{position:03}" if change_order_id else ""
    title = f"Change order {position:03}" if change_order_id else None
    request = {"id": change_order_id, "title": title, "change_order_acronym_number": acronym}
    return {
        "id": change_order_id or contract.id,
        "contract_id": contract.id,
        "change_order_id": change_order_id,
        "number": f"{position:03}" if change_order_id else None,
        "title": title,
        "status": "approved",
        "position": position,
        "change_order_acronym_number": acronym,
        "change_order_request": request if change_order_id else None,
        "batch": None,
    }
