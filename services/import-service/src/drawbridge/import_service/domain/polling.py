"""How much of Procore's budget the scheduled polls may use.

Every project is polled as often as its vault wishes, unless all polls together would use more than their part
of the calls that Procore allows in an hour; then all of them are polled less often. The rest is for people,
payments, listings and the daily sweeps.
"""

PART = 0.35


def polls_per_hour(calls_per_hour: int) -> float:
    """How many polls an hour one company may use, of the calls that Procore allows its app."""
    return calls_per_hour * PART
