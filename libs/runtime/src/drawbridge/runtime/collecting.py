"""How often Python looks for reference cycles in a process that handles rows in batches."""

import gc

_ALLOCATIONS = 10_000
"""A batch of 200 messages makes thousands of short-lived objects; Python's own 700 looks at them in vain."""


def spare_collector() -> None:
    """Look less often, and never again at what the imports have made. Call it once all is imported."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_ALLOCATIONS, 20, 20)
