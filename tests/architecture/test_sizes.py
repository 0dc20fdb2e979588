"""Files stay small enough to be read at once; but a migration only lists what it creates."""

from tests.architecture.rule import ROOT

LONGEST = 400


def test_no_file_is_longer_than_four_hundred_lines() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {lines}"
        for start in ("libs", "services", "tests", "deploy")
        for path in sorted((ROOT / start).rglob("*.py"))
        if "versions" not in path.parts and (lines := path.read_text().count("\n")) > LONGEST
    ]
    assert found == []
