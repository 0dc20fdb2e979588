"""``import_calls``: how many calls a first import of 10,000 invoices takes, beside the fewest possible."""

from drawbridge.sandbox.procore import RateLimits
from drawbridge.testkit.servers import Servers
from tests.bench.figures import AtMost, note
from tests.bench.first_import import Imported, first_import
from tests.factories.large_company import large_procore, least_calls, leave_out_lines

PROJECTS, INVOICES = 40, 250
FALLBACK_PROJECTS = 8
GOAL = 1.05
GOAL_MIB = 200
_NO_LIMIT = RateLimits(10**9, 10**9)


async def bench_import_calls(servers: Servers, _rounds: int) -> list[AtMost]:
    """One run with lists that bring the lines, and one with lists that do not."""
    procore = large_procore(PROJECTS, INVOICES, _NO_LIMIT)
    least = least_calls(procore)
    listed = await first_import(servers, procore)
    _note("import_calls", listed)
    plain = large_procore(FALLBACK_PROJECTS, INVOICES, _NO_LIMIT)
    least_plain = least_calls(plain) + len(plain.requisitions)
    leave_out_lines(plain)
    shown = await first_import(servers, plain)
    _note("import_calls_fallback", shown)
    words = f"of the least possible: {listed.asked.total} calls, {least} least, {listed.invoices} invoices"
    words_plain = f"of the least with a call for each: {shown.asked.total} calls, {least_plain} least"
    return [
        AtMost("import_calls", listed.asked.total / least, GOAL, "ratio", words),
        AtMost("import_calls_fallback", shown.asked.total / least_plain, GOAL, "ratio", words_plain),
        AtMost("import_rss", listed.peak_mib, GOAL_MIB, "MiB", f"peak over {listed.invoices} invoices"),
    ]


def _note(name: str, run: Imported) -> None:
    pace = run.invoices / run.seconds
    cpu = f"{1000 * run.cpu_seconds / run.invoices:.1f} ms of import-service's processor time each"
    took = f"{run.invoices} invoices in {run.seconds:.0f} s ({pace:.0f}/s, {cpu}, {run.lost} lost)"
    note(name, f"{took}: {run.asked.words()}")
