"""Where an allocation's write-back stands, and how the ledger's facts move it."""

from dataclasses import dataclass, replace

from drawbridge.contracts.errors import Problem, Refused
from drawbridge.contracts.payments import WriteState
from drawbridge.payment_backfiller.domain.draft import Decision, Draft

BLOCKED: tuple[WriteState, ...] = ("needs_hand", "resolved")
"""Nothing more is tried by itself in these states."""

FOREIGN_VOIDED = Problem(
    code="foreign_voided",
    message="The payment was voided in the ledger, but the one in Procore was typed by hand.",
    advice="Remove it in Procore by hand; Drawbridge never deletes what it did not create.",
)


@dataclass(frozen=True, slots=True)
class Standing:
    """``wanted`` is the draft of the last decision; ``row_id`` our row in Procore, as far as we know.

    ``locked``: why Procore refused to remove that row, since it last stood as it should.
    """

    state: WriteState = "not_needed"
    wanted: Draft | None = None
    row_id: int | None = None
    note: str = ""
    problem: Problem | None = None
    locked: Problem | None = None


def after_decision(standing: Standing, decision: Decision) -> Standing:
    """Apply a decision. What is unchanged stays, so that a repeat plans nothing and retries no refusal."""
    if _stays_resolved(standing, decision):
        return standing
    if decision.problem is not None:
        state: WriteState = "sending" if standing.state == "sending" else "needs_hand"
        return replace(standing, state=state, wanted=None, problem=decision.problem, note="")
    if decision.draft is None:
        return _without(standing, decision.note)
    if standing.state == "sending":
        return replace(standing, wanted=decision.draft)
    settled = ("planned", "written", "covered_by_foreign", "needs_hand", "resolved")
    if standing.wanted == decision.draft and standing.state in settled:
        return standing
    return replace(standing, state="planned", wanted=decision.draft, problem=None, note="")


def again_by_hand(standing: Standing) -> Standing:
    """Let a refused write-back or removal be tried again because a person asked for it."""
    if standing.state not in (*BLOCKED, "offset") or (standing.wanted is None and standing.row_id is None):
        return standing
    return replace(standing, state="planned", problem=None, note="", locked=None)


def resolve_by_hand(standing: Standing, words: str) -> Standing:
    """A person has acted in Procore; it stays so until the ledger's facts change or somebody retries.

    Raises:
        Refused: ``nothing_to_resolve``, when nothing waits for a person.
    """
    if standing.state != "needs_hand":
        raise Refused(
            "nothing_to_resolve",
            "This payment does not wait for a hand in Procore.",
            "Only what needs a hand can be resolved; retry it to have Procore read again.",
        )
    return replace(standing, state="resolved", note=words)


def write_anyway(standing: Standing) -> Standing:
    """The payment typed by hand is another one: ours is wanted after all.

    Raises:
        Refused: ``not_covered``, when no payment typed by hand stands for it.
    """
    _require_cover(standing)
    return replace(standing, state="planned", note="")


def confirm_foreign(standing: Standing) -> None:
    """A person agrees that the payment typed by hand is this one.

    Raises:
        Refused: ``not_covered``, when no payment typed by hand stands for it.
    """
    _require_cover(standing)


def _require_cover(standing: Standing) -> None:
    if standing.state != "covered_by_foreign":
        raise Refused(
            "not_covered",
            "No contract payment typed by hand stands for this payment.",
            "Look at the payment again: its state has changed.",
        )


def _stays_resolved(standing: Standing, decision: Decision) -> bool:
    """Whether the ledger still says what a person has resolved."""
    same_problem = decision.problem in (None, standing.problem)
    return standing.state == "resolved" and same_problem and standing.wanted == decision.draft


def _without(standing: Standing, note: str) -> Standing:
    """Nothing should stand in Procore."""
    if standing.state == "sending":
        return replace(standing, wanted=None, note=note)
    if standing.row_id is not None:
        if standing.state in ("needs_hand", "offset") and standing.wanted is None:
            return standing
        return replace(standing, state="planned", wanted=None, problem=None, note=note)
    if standing.state == "covered_by_foreign" or standing.problem == FOREIGN_VOIDED:
        return replace(standing, state="needs_hand", wanted=None, problem=FOREIGN_VOIDED, note=note)
    if standing.state == "removed":
        return replace(standing, wanted=None, note=note or standing.note)
    return Standing(note=note)
