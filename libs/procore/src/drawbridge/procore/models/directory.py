"""Companies, projects, vendors and billing periods: what invoices refer to."""

from drawbridge.procore.models.record import Record
from drawbridge.procore.values import Day, Flag, Moment, OptionalId, Text


class Company(Record):
    """A company that has installed the app."""

    name: Text = None
    is_active: Flag = None


class User(Record):
    """A user of Procore; of an app's service account too."""

    login: Text = None
    name: Text = None


class Project(Record):
    """A project that the app may see."""

    name: Text = None
    display_name: Text = None
    project_number: Text = None
    accounting_project_number: Text = None
    active: Flag = None
    time_zone: Text = None
    origin_id: Text = None
    origin_code: Text = None
    updated_at: Moment = None


class Vendor(Record):
    """A company vendor; ``origin_code`` is, where it is kept, the ledger's vendor code."""

    name: Text = None
    abbreviated_name: Text = None
    legal_name: Text = None
    trade_name: Text = None
    is_active: Flag = None
    synced_to_erp: Flag = None
    origin_id: Text = None
    origin_code: Text = None
    origin_data: Text = None
    updated_at: Moment = None


class BillingPeriod(Record):
    """A billing period of a project; its ``due_date`` is the only due date that can be read."""

    project_id: OptionalId = None
    start_date: Day = None
    end_date: Day = None
    due_date: Day = None
    status: Text = None
