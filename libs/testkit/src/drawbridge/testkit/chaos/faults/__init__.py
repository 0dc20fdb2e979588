"""The catalogue of faults, by name."""

from drawbridge.testkit.chaos.faults.fault import Family, Fault, Ground
from drawbridge.testkit.chaos.faults.network import network_faults
from drawbridge.testkit.chaos.faults.processes import process_faults
from drawbridge.testkit.chaos.faults.procore import procore_faults
from drawbridge.testkit.chaos.faults.servers import server_faults

FAULTS: dict[str, Fault] = {
    fault.name: fault for fault in (*process_faults(), *server_faults(), *network_faults(), *procore_faults())
}
FAMILIES: tuple[str, ...] = tuple(dict.fromkeys(fault.family for fault in FAULTS.values()))

__all__ = ["FAMILIES", "FAULTS", "Family", "Fault", "Ground"]
