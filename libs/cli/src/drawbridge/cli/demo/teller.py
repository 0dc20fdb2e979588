"""How the demo speaks: chapters, sentences, tables, and a spinner while something is on its way."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal

from rich.console import Console
from rich.rule import Rule
from rich.table import Table

type Cell = str | int | Decimal | None

RIGHT_ALIGNED = (int, Decimal)


class Teller:
    """Writes the story to a terminal; plain lines where the output is not one."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._chapters = 0
        self._began = time.monotonic()

    def chapter(self, title: str) -> None:
        """Begin the next chapter, and say how long the one before it took."""
        now = time.monotonic()
        if self._chapters:
            self.note(f"({now - self._began:.1f} s)")
        self._chapters += 1
        self._began = now
        self._console.print()
        self._console.print(Rule(f"{self._chapters}. {title}", align="left", style="bold cyan"))

    def say(self, sentence: str) -> None:
        """Tell one thing that happened."""
        self._console.print(f"[green]✓[/green] {sentence}")

    def note(self, sentence: str) -> None:
        """Tell something in passing."""
        self._console.print(f"[dim]  {sentence}[/dim]")

    @contextmanager
    def waiting(self, sentence: str) -> Iterator[None]:
        """Show that something is on its way."""
        with self._console.status(sentence):
            yield

    def table(self, title: str, columns: Sequence[str], rows: Sequence[Sequence[Cell]]) -> None:
        """Show rows; money and counts are aligned on the right."""
        table = Table(title=title, title_justify="left", header_style="bold", expand=False)
        for index, column in enumerate(columns):
            numeric = any(isinstance(row[index], RIGHT_ALIGNED) for row in rows)
            table.add_column(column, justify="right" if numeric else "left", overflow="fold")
        for row in rows:
            table.add_row(*(_text(cell) for cell in row))
        self._console.print(table)


def _text(cell: Cell) -> str:
    """Money with separators and two decimals; nothing as a dash."""
    if cell is None or cell == "":
        return "[dim]-[/dim]"
    return f"{cell:,.2f}" if isinstance(cell, Decimal) else str(cell)
