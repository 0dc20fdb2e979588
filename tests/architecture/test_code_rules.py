"""Our code keeps the rules, and each rule catches an offender that is planted."""

import pytest

from tests.architecture.amqp_rules import AMQP_RULES
from tests.architecture.database_rules import DATABASE_RULES
from tests.architecture.rule import ROOT, Rule
from tests.architecture.web_rules import WEB_RULES

RULES = (*AMQP_RULES, *DATABASE_RULES, *WEB_RULES)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_rule_catches_a_planted_offender(rule: Rule) -> None:
    for source in rule.bad:
        assert rule.offences(source), source
    for source in rule.good:
        assert not rule.offences(source), source


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_our_code_keeps_the_rule(rule: Rule) -> None:
    files = list(rule.files())
    assert files
    found = [f"{path.relative_to(ROOT)}:{line}" for path in files for line in rule.offences(path.read_text())]
    assert found == [], rule.why
