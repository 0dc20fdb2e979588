"""The checker: compares what was asked with what outsiders see, promise by promise."""

from drawbridge.testkit.chaos.checker.check import Checker
from drawbridge.testkit.chaos.checker.promise import Promise

__all__ = ["Checker", "Promise"]
