"""Fetch one approved invoice and map it, as an import would, to see whether its figures are understood."""

from collections.abc import Sequence

from drawbridge.contracts.errors import DrawbridgeError
from drawbridge.contracts.vaults import VaultSettings
from drawbridge.import_service.domain.finding import Finding
from drawbridge.import_service.domain.mapping import Mapped, Surroundings, map_invoice
from drawbridge.import_service.domain.seeing import commitment_of, vendor_of
from drawbridge.procore import ProcoreClient, Project, Requisition

_WHAT = "One invoice"
_CURRENCY = str(VaultSettings.model_fields["currency"].default)
_ACCEPTED = ("approved", "approved_as_noted", "pending_owner_approval")


async def check_invoice(client: ProcoreClient, projects: Sequence[Project]) -> Finding:
    """The first approved invoice of the projects, mapped, with its control totals."""
    try:
        found = await _first_approved(client, projects)
        if found is None:
            return Finding(
                _WHAT, "look", "No approved invoice is visible.", "Approve one in Procore, check again."
            )
        project, listed = found
        requisition = await client.requisition(project.id, listed.id)
        mapped = map_invoice(requisition, _around(project, requisition))
    except DrawbridgeError as error:
        return Finding(_WHAT, "red", error.problem.message, error.problem.advice)
    return _judged(requisition, mapped)


async def _first_approved(
    client: ProcoreClient, projects: Sequence[Project]
) -> tuple[Project, Requisition] | None:
    for project in projects:
        async for page in client.list_requisitions(project.id, view="default"):
            approved = next((each for each in page.rows if each.status in _ACCEPTED), None)
            if approved is not None:
                return project, approved
    return None


def _around(project: Project, requisition: Requisition) -> Surroundings:
    return Surroundings(
        project_id=project.id,
        project_name=project.name or "",
        project_number=project.project_number or "",
        commitment=commitment_of(requisition, None, None),
        vendor=vendor_of(requisition, None),
        currency=_CURRENCY,
    )


def _judged(requisition: Requisition, mapped: Mapped) -> Finding:
    header = mapped.content.header
    lines = sum(line.net for line in mapped.content.lines)
    words = (
        f"{header.invoice_number or f'without number ({requisition.id})'} of {header.vendor.name}:"
        f" net due {header.net_due:f} {header.currency}, {len(mapped.content.lines)} lines of {lines:f}"
    )
    if not mapped.warnings:
        return Finding(_WHAT, "ok", f"{words}; all control totals hold.")
    warned = " ".join(warning.message for warning in mapped.warnings)
    advice = "It would be imported with this warning; compare it with the invoice in Procore."
    return Finding(_WHAT, "look", f"{words}. {warned}", advice)
