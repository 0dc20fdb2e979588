"""A running Tryton on a free loopback port."""

import asyncio
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import httpx

from drawbridge.testkit.leftovers import Child, remove_folder, throwaway_folder
from drawbridge.testkit.ports import free_port, wait_until
from drawbridge.testkit.servers.instance import ServerError
from drawbridge.testkit.servers.tryton.programs import (
    PASSWORD,
    USER,
    environment,
    in_memory,
    program,
    write_settings,
)

NAME = "books"


class TrytonInstance:
    """One throwaway Tryton with a copy of some books."""

    def __init__(self, books: Path) -> None:
        self._folder = throwaway_folder("tryton", in_memory())
        self._port = free_port()
        self._child: Child | None = None
        self.file = self._folder / f"{NAME}.sqlite"
        """The database, for what no user of Tryton can do: another time, a broken record."""
        shutil.copyfile(books, self.file)

    @property
    def address(self) -> str:
        """Host and port."""
        return f"127.0.0.1:{self._port}"

    @property
    def url(self) -> str:
        """What a ledger's secret would hold."""
        return f"http://{USER}:{quote(PASSWORD)}@{self.address}/{NAME}"

    async def start(self) -> None:
        """Start it and wait until it answers."""
        settings = write_settings(self._folder, self._port)
        argv = [str(program("trytond")), "-c", str(settings), "-d", NAME]
        self._child = child = Child(argv, env=environment(), log=self._folder / "trytond.log")
        try:
            await wait_until(
                self._answers,
                seconds=120,
                failed=lambda: None if child.exit_code is None else "Tryton ended.",
            )
        except TimeoutError as error:
            raise ServerError(f"Tryton did not start. {error}\n{child.log_tail()}") from error

    async def restore(self, books: Path) -> None:
        """Put other books in its place while it runs; who is logged in stays so."""
        await asyncio.to_thread(self._replace, books)

    async def save(self, books: Path) -> None:
        """Copy its books as they are now."""
        await asyncio.to_thread(self._copy, self.file, books)

    def close(self) -> None:
        """End it and remove its folder."""
        if self._child:
            self._child.end()
            self._child = None
        remove_folder(self._folder)

    def _replace(self, books: Path) -> None:
        with closing(sqlite3.connect(self.file)) as live:
            sessions = live.execute("SELECT * FROM ir_session").fetchall()
        self._copy(books, self.file)
        with closing(sqlite3.connect(self.file, timeout=30)) as live, live:
            live.execute("DELETE FROM ir_session")
            for row in sessions:
                marks = ", ".join("?" * len(row))
                live.execute(f"INSERT INTO ir_session VALUES ({marks})", row)  # noqa: S608  only marks

    @staticmethod
    def _copy(source: Path, target: Path) -> None:
        with closing(sqlite3.connect(source)) as reading, closing(sqlite3.connect(target)) as writing:
            reading.backup(writing)

    async def _answers(self) -> bool:
        try:
            async with httpx.AsyncClient(timeout=2, trust_env=False) as client:
                call = {"id": 0, "method": "common.server.version", "params": []}
                return (await client.post(f"http://{self.address}/rpc/", json=call)).is_success
        except httpx.HTTPError:
            return False
