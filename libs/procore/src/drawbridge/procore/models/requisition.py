"""The Procore invoice: Procore calls it a requisition (v1.1, all members of header, summary and files)."""

from typing import Annotated, Any

from drawbridge.procore.models.record import Currency, Part, Record
from drawbridge.procore.models.requisition_item import ItemPackage, RequisitionItem
from drawbridge.procore.values import (
    Day,
    Flag,
    Moment,
    OptionalId,
    RawAmount,
    Text,
    as_list,
    as_object,
)


class Summary(Part):
    """The G702 figures; this invoice's net due is ``current_payment_due``. Read with `decimal_of`."""

    original_contract_sum: RawAmount = None
    net_change_by_change_orders: RawAmount = None
    contract_sum_to_date: RawAmount = None
    total_completed_and_stored_to_date: RawAmount = None
    completed_work_retainage_percent: RawAmount = None
    completed_work_retainage_amount: RawAmount = None
    stored_materials_retainage_percent: RawAmount = None
    stored_materials_retainage_amount: RawAmount = None
    total_retainage: RawAmount = None
    total_earned_less_retainage: RawAmount = None
    less_previous_certificates_for_payment: RawAmount = None
    tax_applicable_to_this_payment: RawAmount = None
    current_payment_due: RawAmount = None
    balance_to_finish_including_retainage: RawAmount = None
    formatted_period: Text = None
    positive_change_order_item_total: RawAmount = None
    negative_change_order_item_total: RawAmount = None
    positive_new_change_order_item_total: RawAmount = None
    negative_new_change_order_item_total: RawAmount = None
    positive_previous_change_order_item_total: RawAmount = None
    negative_previous_change_order_item_total: RawAmount = None
    new_materials: RawAmount = None
    new_materials_quantity: RawAmount = None
    stored_materials: RawAmount = None
    stored_materials_quantity: RawAmount = None


class SummaryText(Part):
    """The words on the cover sheet; absent on simplified contracts and in most views."""

    project_name: Text = None
    project_number: Text = None
    to_general_contractor: Text = None
    requisition_period_start: Day = None
    requisition_period_end: Day = None
    subcontractor_name: Text = None
    subcontractor_street: Text = None
    subcontractor_city: Text = None
    subcontractor_state_code: Text = None
    subcontractor_zip: Text = None
    subcontractor_country_code: Text = None
    application_number: Text = None
    contract_for: Text = None
    contract_date: Day = None


class Person(Part):
    """Somebody named on a record."""

    id: OptionalId = None
    name: Text = None
    login: Text = None
    company_name: Text = None


class Attachment(Part):
    """A file's metadata. The address leads to short-lived storage: never store it."""

    id: OptionalId = None
    url: Text = None
    filename: Text = None
    content_type: Text = None


class TaxSummaryRow(Part):
    """Tax of the whole invoice by tax code; Procore sends bare numbers here, kept as text."""

    tax_code_id: OptionalId = None
    tax_code_name: Text = None
    tax_code_rate: RawAmount = None
    applied_amount: RawAmount = None


class Requisition(Record):
    """One Procore invoice. ``number`` is the application number; neither it nor ``invoice_number`` is unique.

    ``items`` and the other parts are ``None`` when the view did not hold them (views: default, items,
    header_only, extended, action_policy).
    """

    previous_requisition_id: OptionalId = None
    project_id: OptionalId = None
    commitment_id: OptionalId = None
    commitment_type: Text = None
    contract_name: Text = None
    contract_invoicing_method: Text = None
    vendor_id: OptionalId = None
    vendor_name: Text = None
    period_id: OptionalId = None
    number: OptionalId = None
    invoice_number: Text = None
    invoice_type: Text = None
    status: Text = None
    erp_status: Text = None
    billing_date: Day = None
    requisition_start: Day = None
    requisition_end: Day = None
    submitted_at: Day = None
    payment_date: Day = None
    created_at: Moment = None
    updated_at: Moment = None
    percent_complete: RawAmount = None
    total_claimed_amount: RawAmount = None
    electronic_signature_id: OptionalId = None
    final: Flag = None
    deletable: Flag = None
    move_materials_to_previous_work_completed: Flag = None
    origin_id: Text = None
    origin_data: Text = None
    accounting_method: Text = None
    created_by: Annotated[Person | None, as_object] = None
    subtiers_certified_by: Annotated[Person | None, as_object] = None
    currency_configuration: Currency = None
    summary: Annotated[Summary | None, as_object] = None
    summary_text: Annotated[SummaryText | None, as_object] = None
    attachments: Annotated[list[Attachment] | None, as_list] = None
    custom_fields: Annotated[dict[str, Any] | None, as_object] = None
    action_policy: Annotated[dict[str, Any] | None, as_object] = None
    tax_summary: Annotated[list[TaxSummaryRow] | None, as_list] = None
    items: Annotated[list[RequisitionItem] | None, as_list] = None
    item_packages: Annotated[list[ItemPackage] | None, as_list] = None
