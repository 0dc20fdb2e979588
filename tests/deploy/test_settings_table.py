"""docs/configure.md says what the code says."""

import re

import pytest

from deploy.settings_table import BEGIN, PAGE, SECTIONS, variables, with_tables
from drawbridge.contracts.broker_access import SERVICES
from tests.factories.compose import ROOT


def test_the_tables_are_up_to_date() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert with_tables(page) == page, "write them anew: python -m deploy.settings_table"


@pytest.mark.parametrize("title", SECTIONS)
def test_every_setting_of_every_process_is_in_the_tables(title: str) -> None:
    page = PAGE.read_text(encoding="utf-8")
    missing = [name for name in variables(SECTIONS[title]) if f"| `{name}` |" not in page]
    assert missing == []


def test_every_setting_is_explained() -> None:
    for settings in SECTIONS.values():
        assert all(schema["description"] for schema in variables(settings).values())


def test_a_page_without_its_mark_is_refused() -> None:
    with pytest.raises(ValueError, match="has lost a mark"):
        with_tables(PAGE.read_text(encoding="utf-8").replace(BEGIN, ""))


def test_every_variable_that_the_page_names_is_read_somewhere() -> None:
    named = set(re.findall(r"\bDRAWBRIDGE_[A-Z_]+\b", PAGE.read_text(encoding="utf-8")))
    known = {name for settings in SECTIONS.values() for name in variables(settings)}
    code = "".join(
        path.read_text(encoding="utf-8") for path in ROOT.glob("libs/*/src/**/*.py") if path.is_file()
    )
    derived = {
        f"DRAWBRIDGE_SECRET_{schema}_PASSWORD" for schema in ("GATEWAY", "IMPORTS", "CLOUD", "PAYMENTS")
    }
    users = [*(service.upper().replace("-", "_") for service in SERVICES), "NAME"]
    derived |= {f"DRAWBRIDGE_SECRET_{user}_BROKER_PASSWORD" for user in users}
    assert {name for name in named - known - derived if name not in code} == set()
