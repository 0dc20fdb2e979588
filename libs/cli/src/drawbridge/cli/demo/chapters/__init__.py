"""The chapters in the order in which they are told."""

from drawbridge.cli.demo.chapters.hand_over import hand_over_to_the_ledger
from drawbridge.cli.demo.chapters.import_by_hand import import_by_hand
from drawbridge.cli.demo.chapters.import_by_itself import import_by_itself
from drawbridge.cli.demo.chapters.import_by_queue import import_by_queue
from drawbridge.cli.demo.chapters.pay import bring_payments_back
from drawbridge.cli.demo.chapters.reconcile import reconcile
from drawbridge.cli.demo.chapters.refresh import refresh_a_changed_invoice
from drawbridge.cli.demo.chapters.set_up_vaults import set_up_vaults
from drawbridge.cli.demo.chapters.tie import tie_by_hand
from drawbridge.cli.demo.chapters.void import void_checks
from drawbridge.cli.demo.story import Chapter

CHAPTERS: tuple[Chapter, ...] = (
    set_up_vaults,
    import_by_hand,
    import_by_queue,
    import_by_itself,
    refresh_a_changed_invoice,
    hand_over_to_the_ledger,
    bring_payments_back,
    tie_by_hand,
    void_checks,
    reconcile,
)

__all__ = ["CHAPTERS"]
