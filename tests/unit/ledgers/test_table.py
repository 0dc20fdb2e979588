import pytest

from drawbridge.ledgers.table import Table, column_of, joined

ROWS = [{"id": "a", "total": 1}, {"id": "b", "total": 2}, {"id": "c", "total": 3}]
TABLE = Table({"id": ["a", "b", "c"], "total": [1, 2, 3]})


def test_a_table_is_a_sequence_of_rows() -> None:
    assert (list(TABLE), len(TABLE), TABLE[1], TABLE[-1]) == (ROWS, 3, ROWS[1], ROWS[2])
    assert list(TABLE[1:]) == ROWS[1:]
    assert not Table({})
    assert not Table({"id": []})


@pytest.mark.parametrize("rows", [ROWS, TABLE], ids=["mappings", "table"])
def test_a_column_is_found_in_either_form(rows: list[dict[str, object]] | Table) -> None:
    assert list(column_of(rows, "total")) == [1, 2, 3]
    with pytest.raises(KeyError):
        column_of(rows, "currency")


def test_some_rows_of_a_table_are_a_table() -> None:
    left = TABLE.where([True, False, True])
    assert list(left) == [ROWS[0], ROWS[2]]
    assert not TABLE.where([False] * 3)


def test_rows_of_several_answers_are_one_table() -> None:
    assert list(joined([TABLE, Table({}), TABLE.where([False, True, False])])) == [*ROWS, ROWS[1]]
    assert joined([Table({}), TABLE]) is TABLE
    assert not joined([])


@pytest.mark.parametrize("nothing", [[], Table({})], ids=["mappings", "table"])
def test_no_rows_have_every_column(nothing: list[dict[str, object]] | Table) -> None:
    assert list(column_of(nothing, "currency")) == []
