"""The shipped SQL in the grammar of the databases that it is meant for.

SQL Server cannot be had here, so its dialect is the only proof that the presets, and what the bridge puts
around them, are T-SQL at all.
"""

import re

import pytest
import sqlglot
from sqlglot import exp

from drawbridge.ledgers import Preset, load_preset, shipped_presets
from drawbridge.ledgers.rows import BILL_COLUMNS, PAYMENT_COLUMNS
from drawbridge.ledgers.sql import statements

DIALECTS = ["tsql", "postgres", "sqlite"]


@pytest.fixture(params=shipped_presets())
def preset(request: pytest.FixtureRequest) -> Preset:
    return load_preset(request.param)


def select(sql: str, dialect: str) -> exp.Select:
    (statement,) = sqlglot.parse(sql, dialect=dialect, error_level=sqlglot.ErrorLevel.RAISE)
    assert isinstance(statement, exp.Select)
    return statement


@pytest.mark.parametrize("dialect", DIALECTS)
def test_select_returns_the_columns_of_its_shape_and_changes_nothing(preset: Preset, dialect: str) -> None:
    for sql, columns in ((preset.payment_rows, PAYMENT_COLUMNS), (preset.bills, BILL_COLUMNS)):
        statement = select(sql, dialect)
        assert set(statement.named_selects) == columns
        assert not list(statement.find_all(exp.Insert, exp.Update, exp.Delete, exp.Into, exp.Command))


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_statement_of_the_bridge_is_sql_of_the_dialect(preset: Preset, dialect: str) -> None:
    asked = [
        statements.changes(preset, "changed_at >= :since OR changed_at IS NULL"),
        statements.count_changes(preset, "changed_at >= :since"),
        statements.in_order(preset, "changed_at", "latest >= :since"),
        statements.reversed_families(preset),
        statements.payments_of_bills(preset),
        statements.nameless(preset),
        statements.partners(preset),
        statements.payments(preset),
        statements.bills(preset, "vendor_code"),
        statements.every_payment_row(preset),
        statements.every_bill(preset),
    ]
    for sql in asked:
        select(re.sub(r"IN (:\w+)", r"IN (\1)", sql), dialect)


def test_statements_for_sql_server_use_no_function_that_it_lacks(preset: Preset) -> None:
    foreign = {"substr", "strftime", "date_trunc", "group_concat", "string_agg", "now", "greatest", "least"}
    for sql in (preset.payment_rows, preset.bills):
        calls = {call.name.lower() for call in select(sql, "tsql").find_all(exp.Anonymous)}
        assert not calls, f"functions that no dialect knows: {calls}"
        assert not foreign & {call.sql_name().lower() for call in select(sql, "tsql").find_all(exp.Func)}
        assert "||" not in sql, "SQL Server joins texts with CONCAT"
        assert not list(select(sql, "tsql").find_all(exp.Boolean)), "SQL Server has no TRUE"
