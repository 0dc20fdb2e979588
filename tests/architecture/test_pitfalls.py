"""Every pitfall that we know has a guard, and every guard that docs/pitfalls.md names exists."""

import ast
import re

from tests.architecture.rule import ROOT
from tests.architecture.test_code_rules import RULES

PAGE = (ROOT / "docs" / "pitfalls.md").read_text()
ROWS = dict(re.findall(r"^\| ([A-Z]\d+) \|[^|]+\| (.+) \|$", PAGE, re.MULTILINE))


def test_no_pitfall_is_without_a_guard() -> None:
    counts = {"A": 19, "S": 13, "F": 5, "H": 2, "P": 4}
    assert set(ROWS) == {f"{kind}{number}" for kind, most in counts.items() for number in range(1, most + 1)}
    assert all(re.search(r"rule `|::test_", guard) for name, guard in ROWS.items() if name != "S12")


def test_every_test_that_is_named_exists() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)
    assert len(named) > len(ROWS) / 2
    missing = [f"{path}::{test}" for path, test in named if test not in _tests_of(path)]
    assert missing == []


def test_every_rule_is_named_and_every_named_rule_exists() -> None:
    named = set(re.findall(r"rule `([\w-]+)`", PAGE))
    assert named == {rule.name for rule in RULES}


def _tests_of(path: str) -> set[str]:
    module = ast.parse((ROOT / path).read_text())
    return {node.name for node in module.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
