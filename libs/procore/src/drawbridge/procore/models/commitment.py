"""The commitment: a subcontract or a purchase order contract."""

from typing import Annotated

from drawbridge.procore.models.record import Currency, Part, Record
from drawbridge.procore.values import Flag, Moment, OptionalId, RawAmount, Text, as_object


class CommitmentVendor(Part):
    """The vendor as a commitment shows it; its name stands in ``company`` or in ``name``, by endpoint."""

    id: OptionalId = None
    name: Text = None
    company: Text = None
    origin_id: Text = None
    origin_code: Text = None
    origin_data: Text = None

    @property
    def display_name(self) -> str | None:
        """The vendor's name, wherever Procore put it."""
        return self.company or self.name


class Commitment(Record):
    """One commitment. ``type`` is ``WorkOrderContract`` or ``PurchaseOrderContract``, or absent."""

    type: Text = None
    number: Text = None
    title: Text = None
    status: Text = None
    executed: Flag = None
    private: Flag = None
    accounting_method: Text = None
    vendor: Annotated[CommitmentVendor | None, as_object] = None
    currency_configuration: Currency = None
    retainage_percent: RawAmount = None
    grand_total: RawAmount = None
    revised_contract: RawAmount = None
    total_payments: RawAmount = None
    origin_id: Text = None
    origin_code: Text = None
    created_at: Moment = None
    updated_at: Moment = None

    @property
    def currency(self) -> str | None:
        """The commitment's ISO 4217 currency code, if Procore says it."""
        return self.currency_configuration.currency_iso_code if self.currency_configuration else None
