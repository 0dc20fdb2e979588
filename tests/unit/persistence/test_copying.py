"""Values as fields of COPY's text format."""

from datetime import UTC, date, datetime
from decimal import Decimal

from drawbridge.persistence.copying import copy_column, copy_lines


def test_null_is_no_text_and_no_text_is_null() -> None:
    assert copy_column([None, "", "\\N", "N"]) == ["\\N", "", "\\\\N", "N"]


def test_what_would_end_a_field_or_a_line_is_escaped() -> None:
    assert copy_column(["a\tb", "c\nd", "e\rf", "g\\h", "i"]) == ["a\\tb", "c\\nd", "e\\rf", "g\\\\h", "i"]


def test_other_values_are_their_texts() -> None:
    moment = datetime(2026, 3, 1, 9, tzinfo=UTC)
    values = [Decimal("400.10"), date(2026, 3, 31), True, [], moment]
    assert copy_column(values) == ["400.10", "2026-03-31", "True", "[]", "2026-03-01 09:00:00+00:00"]


def test_a_line_has_a_field_of_each_column() -> None:
    assert copy_lines([["a", "b"], ["1", "2"]]) == ["a\t1", "b\t2"]
    assert copy_lines([[], []]) == []
