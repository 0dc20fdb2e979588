"""Refresh an AP invoice: first a preview, then exactly that (product rule 4)."""

from drawbridge.gateway.domain.refusals import Invalid


def preview_or_apply(*, preview: bool, content_hash: str | None) -> None:
    """A caller says one of the two.

    Raises:
        Invalid: for both or neither.
    """
    if preview == (content_hash is not None):
        raise Invalid(
            "preview_or_apply",
            "Send either preview: true or the content_hash of a preview.",
            "Preview first, show the differences, then apply them by their content_hash.",
        )
