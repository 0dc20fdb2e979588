"""Look up the codes that an invoice's lines do not spell out."""

from collections.abc import Awaitable, Callable, Collection, Mapping

from drawbridge.contracts.errors import Refused
from drawbridge.import_service.domain.codes import Codes, lacking, spelled_out
from drawbridge.import_service.usecases.procore_port import Procore
from drawbridge.procore import Requisition


async def look_up_codes(procore: Procore, project_id: int, requisition: Requisition) -> Requisition:
    """The invoice with its lines' codes; what the app may not see stays open and stops nothing.

    Raises what `Procore` raises, but for its no.
    """
    missing = lacking(requisition)
    codes = Codes(
        await _found(missing.cost_codes, lambda: procore.cost_codes(project_id, missing.cost_codes)),
        await _found(missing.budget_codes, lambda: procore.budget_codes(project_id, missing.budget_codes)),
        await _found(missing.tax_codes, lambda: procore.tax_codes(missing.tax_codes)),
    )
    return spelled_out(requisition, codes)


async def _found[V](
    wanted: Collection[int], ask: Callable[[], Awaitable[Mapping[int, V]]]
) -> Mapping[int, V]:
    if not wanted:
        return {}
    try:
        return await ask()
    except Refused:
        return {}
