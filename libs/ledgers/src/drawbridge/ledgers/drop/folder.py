"""The folder: which files are ready, and where they go."""

from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from drawbridge.contracts.errors import Refused, Retryable
from drawbridge.ledgers.drop.books import keep, writing
from drawbridge.ledgers.drop.files import parse
from drawbridge.ledgers.facts import Unreadable

BOOKS = "books.sqlite"
ARCHIVE = "archive"
ERRORS = "errors"
_SETTLED_SECONDS = 10


def take_in(folder: Path, now: datetime) -> list[Unreadable]:
    """Take all ready files, in the order of their names; gives those that went to ``errors``.

    A file is taken whole or not at all. It is archived after what it says is committed, so a crash between
    the two only takes it twice, which changes nothing.
    """
    files = ready_files(folder, now)
    if not files:
        return []
    taken: list[Path] = []
    refused: list[Unreadable] = []
    with writing(folder / BOOKS) as books:
        for path in files:
            with suppress(FileNotFoundError):  # another worker was faster
                parsed = parse(path)
                if parsed.complaints:
                    refused.append(Unreadable("file", path.name, "; ".join(parsed.complaints)))
                    _put_aside(path, folder / ERRORS, now, "\n".join(parsed.complaints))
                else:
                    keep(books, parsed, now)
                    taken.append(path)
    for path in taken:
        _put_aside(path, folder / ARCHIVE, now)
    return refused


def ready_files(folder: Path, now: datetime) -> list[Path]:
    """The files that nobody is still writing: not hidden, and unchanged for ten seconds.

    Raises:
        Retryable: ``ledger_unreachable``, when the folder is not there (an unmounted share, say).
        Refused: ``ledger_unreadable``, when it cannot be listed.
    """
    try:
        paths = sorted(path for path in folder.iterdir() if path.suffix in {".csv", ".json"})
    except FileNotFoundError:
        raise Retryable(
            "The drop folder is not there.",
            code="ledger_unreachable",
            advice="Mount or create the folder that the ledgers file names.",
        ) from None
    except OSError as error:
        raise Refused(
            "ledger_unreadable",
            f"The drop folder cannot be listed ({error.strerror}).",
            "Let the user of payment-backfiller read and write the folder.",
        ) from None
    return [path for path in paths if not path.name.startswith((".", "~")) and _settled(path, now)]


def _settled(path: Path, now: datetime) -> bool:
    with suppress(FileNotFoundError):
        return now.timestamp() - path.stat().st_mtime >= _SETTLED_SECONDS
    return False


def _put_aside(path: Path, where: Path, now: datetime, reasons: str = "") -> None:
    """Move the file; the time before its name keeps every drop apart and sorts them as they came."""
    where.mkdir(exist_ok=True)
    target = where / f"{now.astimezone(UTC):%Y%m%dT%H%M%S%fZ}-{path.name}"
    with suppress(FileNotFoundError):
        path.rename(target)
    if reasons:
        target.with_name(f"{target.name}.txt").write_text(f"{reasons}\n", encoding="utf-8")
