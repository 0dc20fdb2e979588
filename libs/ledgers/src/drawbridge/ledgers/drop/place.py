"""A folder on any file system that fsspec knows: a local disk, S3, SFTP, a share."""

import re
from datetime import UTC, datetime, timedelta
from errno import ENOTDIR
from os import strerror
from pathlib import Path

import fsspec

_URL = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_SETTLED = timedelta(seconds=10)


class Place:
    """Names are those of files directly in the folder, or in one of its sub-folders (``archive/a.csv``).

    Every method raises `OSError` when the file system says no; `FileNotFoundError` where no file is.
    """

    def __init__(self, address: str | Path) -> None:
        """``address`` is a path, or a URL whose scheme fsspec knows."""
        text = str(address)
        if _URL.match(text):
            self._files, self._root = fsspec.core.url_to_fs(text)
        else:
            self._files, self._root = fsspec.filesystem("file"), str(Path(text).absolute())
        self.local = Path(self._root) if "file" in _protocols(self._files.protocol) else None

    def names(self, folder: str = "") -> list[str]:
        """The files in it, sorted; an object store has no folder where there is no file."""
        self._files.invalidate_cache()
        found = self._files.ls(self._path(folder), detail=True)
        if any(each["type"] == "file" and each["name"] == self._path(folder) for each in found):
            raise NotADirectoryError(ENOTDIR, strerror(ENOTDIR))
        return sorted(each["name"].rsplit("/", 1)[-1] for each in found if each["type"] == "file")

    def is_settled(self, name: str, now: datetime) -> bool:
        """Whether nobody has written to the file for ten seconds."""
        changed = self._files.modified(self._path(name))
        stamp = changed if changed.tzinfo else changed.replace(tzinfo=UTC)
        return bool(now - stamp >= _SETTLED)

    def read(self, name: str) -> bytes:
        """What is in the file."""
        return bytes(self._files.cat_file(self._path(name)))

    def move(self, name: str, to: str) -> None:
        """Move the file; the folder of ``to`` is made. An object store copies, then deletes."""
        self._make_folder_of(to)
        self._files.mv(self._path(name), self._path(to))

    def write(self, name: str, text: str) -> None:
        """Write a small text; its folder is made."""
        self._make_folder_of(name)
        self._files.pipe_file(self._path(name), text.encode())

    def _make_folder_of(self, name: str) -> None:
        self._files.makedirs(self._path(name.rpartition("/")[0]), exist_ok=True)

    def _path(self, name: str) -> str:
        return f"{self._root}/{name}" if name else self._root


def _protocols(given: str | tuple[str, ...]) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else given
