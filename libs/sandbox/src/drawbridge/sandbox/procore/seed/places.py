"""Company-level records of the seed: projects, vendors and billing periods."""

from calendar import monthrange
from collections.abc import Iterable
from datetime import date, datetime, timedelta

from drawbridge.sandbox.procore.seed.names import PROJECTS, VENDORS, WITHOUT_CODE
from drawbridge.sandbox.procore.state import Procore
from drawbridge.sandbox.procore.values import Record, stamp

FIRST_VENDOR_CODE = 1001
DAYS_TO_PAY = 30
ADDRESS: Record = {
    "address": "100 Mason Street",
    "city": "Denver",
    "state_code": "CO",
    "country_code": "US",
    "zip": "80202",
}


def add_projects(
    procore: Procore, founded: datetime, named: Iterable[tuple[str, str, bool]] = PROJECTS
) -> None:
    """Add projects by name, number and whether they are active; those of the seed have one that is not."""
    for name, number, active in named:
        project: Record = {
            "id": procore.ids.next("project"),
            "name": name,
            "display_name": f"{number} - {name}",
            "project_number": number,
            "accounting_project_number": number.replace("-", ""),
            "active": active,
            "time_zone": "America/Denver",
            "project_stage": {"id": 1, "name": "Course of Construction" if active else "Post-Construction"},
            "company": {"id": procore.company_id, "name": procore.company_name},
            "origin_id": None,
            "origin_code": None,
            "origin_data": None,
            "created_at": stamp(founded),
            "updated_at": stamp(founded),
            **ADDRESS,
        }
        procore.projects[project["id"]] = project


def add_vendors(procore: Procore, founded: datetime) -> None:
    """Add the vendors; ``origin_code`` is the vendor's code in the ledger, known for all but one."""
    for index, (name, contact) in enumerate(VENDORS):
        code = None if index == WITHOUT_CODE else f"V-{FIRST_VENDOR_CODE + index}"
        vendor: Record = {
            "id": procore.ids.next("vendor"),
            "name": name,
            "abbreviated_name": name.split()[0],
            "legal_name": name,
            "trade_name": name,
            "is_active": True,
            "synced_to_erp": code is not None,
            "origin_id": None,
            "origin_code": code,
            "origin_data": None,
            "business_register": None,
            "primary_contact": {
                "id": procore.ids.next("user"),
                "first_name": contact.split()[0],
                "last_name": contact.split()[1],
                "email_address": f"{contact.split()[0].lower()}@{name.split()[0].lower()}.example",
            },
            "created_at": stamp(founded),
            "updated_at": stamp(founded),
            **ADDRESS,
        }
        procore.vendors[vendor["id"]] = vendor


def add_period(procore: Procore, project_id: int, day: date) -> Record:
    """The calendar month around ``day`` as a billing period of the project; made where it is missing."""
    start = day.replace(day=1)
    end = day.replace(day=monthrange(day.year, day.month)[1])
    ours = [p for p in procore.periods.values() if p["project_id"] == project_id]
    for period in ours:
        if period["start_date"] == start.isoformat():
            return period
    opened = f"{start.isoformat()}T08:00:00Z"
    period = {
        "id": procore.ids.next("period"),
        "project_id": project_id,
        "start_date": start.isoformat(),
        "end_date": end.isoformat(),
        "due_date": (end + timedelta(days=DAYS_TO_PAY)).isoformat(),
        "position": len(ours) + 1,
        "status": "open",
        "created_at": opened,
        "updated_at": opened,
    }
    procore.periods[period["id"]] = period
    return period
