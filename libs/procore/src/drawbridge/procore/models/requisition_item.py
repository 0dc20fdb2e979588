"""The lines of a Procore invoice (``items[]`` of requisitions v1.1)."""

from typing import Annotated

from drawbridge.procore.models.record import Currency, Part
from drawbridge.procore.values import Flag, OptionalId, RawAmount, Text, as_list, as_object


class SegmentItem(Part):
    """One segment of a budget code; ``segment_type`` is ``cost_code``, ``line_item_type`` or ``sub_job``."""

    id: OptionalId = None
    code: Text = None
    name: Text = None
    path_codes: Annotated[list[Text] | None, as_list] = None
    segment_type: Text = None
    segment_id: OptionalId = None


class WbsCode(Part):
    """The budget code of a line; ``flat_code`` ("2-100.S") is the stable one, cost_code_id may be null."""

    id: OptionalId = None
    flat_code: Text = None
    description: Text = None
    segment_items: Annotated[list[SegmentItem] | None, as_list] = None


class ItemTax(Part):
    """A tax code on a line; the rate is text, as it came."""

    tax_code_id: OptionalId = None
    tax_code_name: Text = None
    tax_code_rate: RawAmount = None


class RequisitionItem(Part):
    """One line. All amounts and quantities are text as Procore wrote them; read them with `decimal_of`."""

    id: OptionalId = None
    item_type: Text = None
    line_item_id: OptionalId = None
    detail_line_item_id: OptionalId = None
    cost_code_id: OptionalId = None
    previous_progress_id: OptionalId = None
    position: OptionalId = None
    line_number: Text = None
    description_of_work: Text = None
    comment: Text = None
    status: Text = None
    uom: Text = None
    accounting_method: Text = None
    wbs_code: Annotated[WbsCode | None, as_object] = None
    net_amount: RawAmount = None
    gross_amount: RawAmount = None
    scheduled_value: RawAmount = None
    work_completed_from_previous_application: RawAmount = None
    work_completed_this_period: RawAmount = None
    materials_presently_stored: RawAmount = None
    materials_presently_stored_from_previous_progress: RawAmount = None
    materials_moved: RawAmount = None
    materials_retainage_retained_moved: RawAmount = None
    total_completed_and_stored_to_date: RawAmount = None
    total_completed_and_stored_to_date_percent: RawAmount = None
    total_completed_and_stored_to_date_from_previous: RawAmount = None
    work_completed_retainage_from_previous_application: RawAmount = None
    work_completed_retainage_retained_this_period: RawAmount = None
    work_completed_retainage_percent_this_period: RawAmount = None
    work_completed_retainage_released_this_period: RawAmount = None
    materials_stored_retainage_currently_retained: RawAmount = None
    materials_stored_retainage_percent_this_period: RawAmount = None
    materials_stored_retainage_new_materials: RawAmount = None
    materials_stored_retainage_released_this_period: RawAmount = None
    subcontractor_claimed_amount: RawAmount = None
    scheduled_quantity: RawAmount = None
    scheduled_unit_price: RawAmount = None
    work_completed_this_period_quantity: RawAmount = None
    work_completed_from_previous_application_quantity: RawAmount = None
    materials_presently_stored_quantity: RawAmount = None
    materials_previously_stored_quantity: RawAmount = None
    taxes: Annotated[list[ItemTax] | None, as_list] = None
    currency_configuration: Currency = None
    ssr_manual_override: Flag = None


class ItemPackage(Part):
    """The contract or change order that groups lines."""

    id: OptionalId = None
    contract_id: OptionalId = None
    change_order_id: OptionalId = None
    number: Text = None
    title: Text = None
    status: Text = None
    position: OptionalId = None
    change_order_acronym_number: Text = None
