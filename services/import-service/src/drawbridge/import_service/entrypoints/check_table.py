"""The findings of a check, as a table for people."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from drawbridge.import_service.domain.finding import Finding

_STYLES = {"ok": "green", "look": "yellow", "red": "bold red"}


def show_findings(console: Console, title: str, findings: Sequence[Finding]) -> None:
    """Print one row for each finding; what Procore said is never read as markup."""
    table = Table(title=title, show_lines=True)
    table.add_column("Check", no_wrap=True)
    table.add_column("State", no_wrap=True)
    table.add_column("Found", overflow="fold")
    table.add_column("What to do", overflow="fold")
    for each in findings:
        state = Text(each.state, style=_STYLES[each.state])
        table.add_row(Text(each.what), state, Text(each.found), Text(each.advice))
    console.print(table)
