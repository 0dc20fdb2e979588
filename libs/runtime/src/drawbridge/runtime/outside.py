"""Calls to what is not ours, Procore and the ledgers: each is counted, timed and traced in one place."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Literal

from drawbridge.runtime.metrics import OUTSIDE_CALLS, OUTSIDE_SECONDS
from drawbridge.runtime.tracing import Facts, client_step

type System = Literal["procore", "ledger"]

_NO_ANSWER = "no_answer"
_OK = "ok"


class OutsideCall:
    """A call that is running; ``outcome`` is a word with few values, for counting."""

    outcome = _NO_ANSWER

    def answered(self, outcome: str = _OK) -> None:
        """There was an answer, such as ``2xx``."""
        self.outcome = outcome


@contextmanager
def outside_call(system: System, what: str, facts: Facts | None = None) -> Iterator[OutsideCall]:
    """Around one call. What ends with an error had no answer, unless it was said before."""
    call = OutsideCall()
    began = perf_counter()
    with client_step(f"{system} {what}", facts) as step:
        try:
            yield call
        finally:
            step.note({"drawbridge.outcome": call.outcome})
            OUTSIDE_CALLS.labels(system, what, call.outcome).inc()
            OUTSIDE_SECONDS.labels(system, what).observe(perf_counter() - began)
