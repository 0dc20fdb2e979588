"""The whole of Drawbridge with its sandbox, as real processes on loopback."""

from drawbridge.testkit.stack.info import StackInfo
from drawbridge.testkit.stack.running import Stack

__all__ = ["Stack", "StackInfo"]
