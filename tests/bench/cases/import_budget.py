"""``import_budget``: a first import under Procore's documented sample limits, with time scaled.

Every invoice needs a call of its own here, so that the limit is what holds the import up. There are just
enough for two whole hours and the beginning of a third, so that the turn of the hour is in it twice.
"""

from drawbridge.sandbox.procore import RateLimits
from drawbridge.testkit.servers import Servers
from tests.bench.figures import AtMost, note
from tests.bench.first_import import Imported, first_import
from tests.factories.large_company import large_procore, leave_out_lines

PROJECTS, INVOICES = 4, 300
SPIKE, HOURLY = 25, 600
FASTER = 30
"""So many seconds of Procore's pass in one; faster, and a busy machine and not the limit would hold it up."""

GOAL_UNUSED = 5
GOAL_REFUSED = {1: 0, 3: 3}


async def bench_import_budget(servers: Servers, _rounds: int) -> list[AtMost]:
    """One run with one worker and one with three, who share the budget out."""
    results: list[AtMost] = []
    for workers, goal in GOAL_REFUSED.items():
        limits = RateLimits(SPIKE, HOURLY, spike_seconds=10 / FASTER, hour_seconds=3600 / FASTER)
        procore = large_procore(PROJECTS, INVOICES, limits)
        leave_out_lines(procore)
        run = await first_import(servers, procore, workers=workers)
        results += _judged(run, f"{workers} worker{'s' if workers > 1 else ''}", goal)
    return results


def _judged(run: Imported, who: str, goal: int) -> list[AtMost]:
    asked = run.asked
    hours = list(asked.by_hour.values())
    full = hours[:-1]
    unused = 100 - 100 * sum(full) / (HOURLY * max(1, len(full)))
    refused = 100 * asked.refused / asked.total
    pace = 3600 * asked.total / (run.seconds * FASTER)
    note("import_budget", f"{who}: calls in each hour {hours}, {pace:.0f} an hour overall: {asked.words()}")
    return [
        AtMost("import_budget_lost", run.lost, 0, "invoices", f"{who}, of {run.invoices}"),
        AtMost("import_budget_unused", unused, GOAL_UNUSED, "%", f"{who}, {len(full)} full hours"),
        AtMost("import_budget_429", refused, goal, "%", f"{who}: {asked.refused} of {asked.total} calls"),
    ]
