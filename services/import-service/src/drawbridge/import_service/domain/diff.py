"""What differs between an AP invoice and Procore's invoice now (product rule 4).

Ours are the ledger vendor code and the coding of lines; they are never compared and always kept.
"""

from collections.abc import Iterator
from typing import Any

from drawbridge.contracts.invoices import InvoiceContent, InvoiceLine, LineCoding
from drawbridge.contracts.outcomes import Difference

_OURS = frozenset({"header.vendor.ledger_code"})
_NO_CODING = LineCoding()
_NOT_COMPARED = frozenset({"coding", "procore_line_id"})


def differences(ours: InvoiceContent, procore: InvoiceContent) -> tuple[Difference, ...]:
    """List every member that differs; the header first, then lines by Procore's line id."""
    return (*_header_differences(ours, procore), *_line_differences(ours, procore))


def keep_coding(ours: InvoiceContent, procore: InvoiceContent) -> InvoiceContent:
    """Procore's content with the coding that people gave to our lines, and our ledger vendor code."""
    codings = {line.procore_line_id: line.coding for line in ours.lines}
    lines = tuple(
        line.model_copy(update={"coding": codings.get(line.procore_line_id, _NO_CODING)})
        for line in procore.lines
    )
    return procore.model_copy(update={"lines": lines})


def _header_differences(ours: InvoiceContent, procore: InvoiceContent) -> Iterator[Difference]:
    before = dict(_leaves("header", ours.header.model_dump(mode="json")))
    after = dict(_leaves("header", procore.header.model_dump(mode="json")))
    for path in [*before, *(path for path in after if path not in before)]:
        if path not in _OURS and before.get(path) != after.get(path):
            yield Difference(field=path, ours=before.get(path), procore=after.get(path))


def _line_differences(ours: InvoiceContent, procore: InvoiceContent) -> Iterator[Difference]:
    after = {line.procore_line_id: line for line in procore.lines}
    before = {line.procore_line_id: line for line in ours.lines}
    for line_id, line in before.items():
        if line_id in after:
            yield from _changes_of(line, after[line_id])
        else:
            yield Difference(
                field=f"lines[{line_id}]", ours=_words(line), procore=None, clash=line.coding != _NO_CODING
            )
    for line_id, line in after.items():
        if line_id not in before:
            yield Difference(field=f"lines[{line_id}]", ours=None, procore=_words(line))


def _changes_of(line: InvoiceLine, seen: InvoiceLine) -> Iterator[Difference]:
    coded = line.coding != _NO_CODING
    before, after = line.model_dump(mode="json"), seen.model_dump(mode="json")
    for member in before:
        if member not in _NOT_COMPARED and before[member] != after[member]:
            yield Difference(
                field=f"lines[{line.procore_line_id}].{member}",
                ours=_text(before[member]),
                procore=_text(after[member]),
                clash=coded and member in ("cost_code", "wbs_code"),
            )


def _leaves(path: str, value: Any) -> Iterator[tuple[str, str | None]]:  # noqa: ANN401  # dumped JSON
    if isinstance(value, dict):
        for member, inner in value.items():
            yield from _leaves(f"{path}.{member}", inner)
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from _leaves(f"{path}[{place}]", inner)
    else:
        yield path, _text(value)


def _words(line: InvoiceLine) -> str:
    return f"{line.description or 'line'}: {line.net:f}"


def _text(value: object) -> str | None:
    return None if value is None else str(value)
