"""A TCP proxy on loopback that lets a network fail on demand."""

from drawbridge.testkit.proxy.conditions import Mode
from drawbridge.testkit.proxy.fault_proxy import FaultProxy

__all__ = ["FaultProxy", "Mode"]
