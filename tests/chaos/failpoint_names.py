"""All failpoints that the code names, and the processes that pass them."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
_DECLARED = re.compile(r'failpoints\.declare\(\s*"([a-z0-9_.]+)"')

PASSED_BY: dict[str, tuple[str, ...]] = {
    "relay": ("gateway", "import_service", "cloud_service"),
    "intake": ("cloud_service", "gateway", "import_service"),
    "transaction": ("api", "cloud_service", "gateway"),
    "work": ("import_service", "payment_backfiller", "import_service"),
    "work.before_settle": ("import_service",),
    "import_invoice": ("import_service",),
    "sync_project": ("import_service",),
    "write_back": ("payment_backfiller",),
    "retrieve_payments": ("payment_backfiller",),
    "check_backfill": ("payment_backfiller",),
}
"""By the name or its first part; the actions take turns among several."""

ACTIONS = ("raise", "kill", "sleep:3")


def names_in_code() -> list[str]:
    """Every name that a library or a service declares, sorted."""
    sources = [*ROOT.glob("libs/*/src/**/*.py"), *ROOT.glob("services/*/src/**/*.py")]
    return sorted({name for path in sources for name in _DECLARED.findall(path.read_text())})


def steps() -> dict[str, list[tuple[str, str]]]:
    """For each process the (failpoint, action) that it is armed with, one after the other."""
    by_process: dict[str, list[tuple[str, str]]] = {}
    for name in names_in_code():
        processes = PASSED_BY.get(name) or PASSED_BY[name.partition(".")[0]]
        for turn, action in enumerate(ACTIONS):
            by_process.setdefault(processes[turn % len(processes)], []).append((name, action))
    return by_process
