"""Every link from one of our pages to another leads to something that exists; each page can be found."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.rule import ROOT

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
INDEX = ROOT / "docs" / "README.md"


def _text(page: Path) -> str:
    """The page without its examples of code."""
    return re.sub(r"^( *)```.*?^ *```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)


def _links(page: Path) -> Iterator[tuple[Path, str]]:
    """The files that a page leads to, and the heading in each."""
    for link in re.findall(r"\]\(([^)\s]+)\)", _text(page)):
        if "://" not in link and not link.startswith("mailto:"):
            path, _, heading = link.partition("#")
            yield (page.parent / path).resolve() if path else page, heading


def _headings(page: Path) -> set[str]:
    """What a link to a heading is called, as renderers of Markdown make it."""
    titles = re.findall(r"^#+ (.+)$", _text(page), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_leads_somewhere(page: Path) -> None:
    for target, heading in _links(page):
        assert target.exists(), target
        assert not heading or heading in _headings(target), f"{target.name}#{heading}"


def test_the_index_leads_to_every_page() -> None:
    pages = set((ROOT / "docs").glob("*.md")) - {INDEX}
    assert pages <= {target for target, _ in _links(INDEX)}
