"""An in-memory double of the parts of Procore's REST API that Drawbridge uses."""

from drawbridge.sandbox.procore.app import create_app
from drawbridge.sandbox.procore.limits import RateLimits
from drawbridge.sandbox.procore.seed.build import seeded_procore
from drawbridge.sandbox.procore.state import Procore

__all__ = ["Procore", "RateLimits", "create_app", "seeded_procore"]
