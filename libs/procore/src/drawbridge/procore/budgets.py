"""Which calls count together: the budget that an app's callers share."""

import hashlib
from typing import Literal

type Counted = Literal["company", "app"]
"""Whether Procore counts an app's calls by company or altogether; it is not documented."""


def budget_key(client_id: str, company_id: int, counted: Counted) -> str:
    """A name for the budget that calls for this company use; the same in all workers, and no secret."""
    company = f"/{company_id}" if counted == "company" else ""
    return hashlib.sha256(f"{client_id}{company}".encode()).hexdigest()[:16]
