"""Order misbehaviour."""

from fastapi import APIRouter

from drawbridge.sandbox.procore.faults import Fault
from drawbridge.sandbox.procore.queries import Double

router = APIRouter(prefix="/control/faults")


@router.post("", status_code=201)
async def order_fault(fault: Fault, procore: Double) -> Fault:
    """Let the next ``times`` matching calls go wrong; see `Fault` for the kinds."""
    procore.faults.pending.append(fault)
    return fault


@router.get("")
async def list_faults(procore: Double) -> list[Fault]:
    """The faults still to come."""
    return procore.faults.pending


@router.delete("", status_code=204)
async def clear_faults(procore: Double) -> None:
    """Behave again."""
    procore.faults.pending.clear()
