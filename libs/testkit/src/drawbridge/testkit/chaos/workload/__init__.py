"""The workload: what outsiders do all the time, drawn from a seed, at a bounded rate."""

from drawbridge.testkit.chaos.workload.driver import Workload

__all__ = ["Workload"]
