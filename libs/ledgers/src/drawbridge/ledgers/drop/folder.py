"""The folder: which files are ready, and where they go. The archive is the truth, the books are its sum."""

import sqlite3
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path, PurePath

from drawbridge.contracts.errors import Refused, Retryable
from drawbridge.ledgers.drop.books import forget_all, keep, known_files, remember_file, writing
from drawbridge.ledgers.drop.files import Parsed, parse
from drawbridge.ledgers.drop.place import Place
from drawbridge.ledgers.facts import Unreadable

BOOKS = "books.sqlite"
ARCHIVE = "archive"
ERRORS = "errors"
_STAMP = "%Y%m%dT%H%M%S%fZ"


def take_in(place: Place, path: Path, now: datetime) -> list[Unreadable]:
    """Take all ready files, in the order of their names; gives those that went to ``errors``.

    ``path`` is where the books are. What another worker with other books has archived is taken first. A file
    is taken whole or not at all, and archived after what it says is committed: a crash between the two only
    takes it twice, which changes nothing.
    """
    files = ready_files(place, now)
    taken: dict[str, str] = {}
    refused: list[Unreadable] = []
    with writing(path) as books:
        _catch_up(place, books)
        for name in files:
            with suppress(FileNotFoundError):  # another worker was faster
                parsed = _parsed(place, name)
                aside = f"{now.astimezone(UTC):{_STAMP}}-{name}"
                if parsed.complaints:
                    refused.append(Unreadable("file", name, "; ".join(parsed.complaints)))
                    _refuse(place, name, aside, parsed)
                else:
                    keep(books, parsed, now)
                    remember_file(books, aside)
                    taken[name] = aside
    for name, aside in taken.items():
        with suppress(FileNotFoundError):
            place.move(name, f"{ARCHIVE}/{aside}")
    return refused


def ready_files(place: Place, now: datetime) -> list[str]:
    """The files that nobody is still writing: not hidden, and unchanged for ten seconds.

    Raises:
        Retryable: ``ledger_unreachable``, when the folder is not there (an unmounted share, say).
        Refused: ``ledger_unreadable``, when it cannot be listed.
    """
    try:
        names = place.names()
    except FileNotFoundError:
        raise Retryable(
            "The drop folder is not there.",
            code="ledger_unreachable",
            advice="Mount or create the folder that the ledgers file names.",
        ) from None
    except (NotADirectoryError, PermissionError) as error:
        raise Refused(
            "ledger_unreadable",
            f"The drop folder cannot be listed ({error.strerror or type(error).__name__}).",
            "Let the user of payment-backfiller read and write the folder.",
        ) from None
    files = (name for name in names if PurePath(name).suffix in {".csv", ".json"})
    return [name for name in files if not name.startswith((".", "~")) and _settled(place, name, now)]


def rehearse(place: Place, copy: Path, now: datetime) -> list[Unreadable]:
    """Take everything into a copy of the books, and move nothing."""
    refused: list[Unreadable] = []
    with writing(copy) as books:
        _catch_up(place, books)
        for name in ready_files(place, now):
            parsed = _parsed(place, name)
            if parsed.complaints:
                refused.append(Unreadable("file", name, "; ".join(parsed.complaints)))
            else:
                keep(books, parsed, now)
    return refused


def _catch_up(place: Place, books: sqlite3.Connection) -> None:
    """Take what the archive has and these books do not; all of it again, where a file came in between."""
    archived: list[str] = []
    with suppress(FileNotFoundError):
        archived = place.names(ARCHIVE)
    known = known_files(books)
    missing = [name for name in archived if name not in known]
    if missing and known and missing[0] < max(known):
        forget_all(books)
        missing = archived
    for name in missing:
        stamp = datetime.strptime(name.partition("-")[0], _STAMP).replace(tzinfo=UTC)
        keep(books, _parsed(place, f"{ARCHIVE}/{name}"), stamp)
        remember_file(books, name)


def _parsed(place: Place, name: str) -> Parsed:
    own = name.removeprefix(f"{ARCHIVE}/").partition("Z-")[2] if name.startswith(f"{ARCHIVE}/") else name
    return parse(own, place.read(name))


def _settled(place: Place, name: str, now: datetime) -> bool:
    with suppress(FileNotFoundError):
        return place.is_settled(name, now)
    return False


def _refuse(place: Place, name: str, aside: str, parsed: Parsed) -> None:
    """Put the file to the others that were refused, with the reasons beside it."""
    with suppress(FileNotFoundError):
        place.move(name, f"{ERRORS}/{aside}")
    reasons = "\n".join(parsed.complaints)
    place.write(f"{ERRORS}/{aside}.txt", f"{reasons}\n")
