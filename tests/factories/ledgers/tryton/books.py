"""Books of a fresh office, made once and kept beside Tryton's programs."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from datetime import date
from pathlib import Path

from drawbridge.testkit.leftovers import remove_folder, throwaway_folder
from drawbridge.testkit.servers.tryton import TrytonInstance, fresh_books
from drawbridge.testkit.servers.tryton.programs import HOME, in_memory
from tests.factories.ledgers.tryton import desk, office
from tests.factories.ledgers.tryton.desk import Desk
from tests.factories.ledgers.tryton.office import Office, open_office


@asynccontextmanager
async def running_office() -> AsyncIterator[tuple[TrytonInstance, Office, Path]]:
    """A Tryton with the office's books, and the file to restore them from."""
    template = _kept()
    if not template.exists():
        await _make(template)
    server = TrytonInstance(template)
    try:
        await server.start()
        yield server, Office(**json.loads(template.with_suffix(".json").read_text())), template
    finally:
        server.close()


def _kept() -> Path:
    """Another release, another office or another year make other books."""
    made_by = [HOME / "requirements.txt", Path(desk.__file__), Path(office.__file__)]
    key = hashlib.sha256(b"".join(path.read_bytes() for path in made_by))
    key.update(str(date.today().year).encode())  # noqa: DTZ011  the year that Tryton sees
    return HOME / f"office-{key.hexdigest()[:12]}.sqlite"


async def _make(template: Path) -> None:
    folder = throwaway_folder("tryton-books", in_memory())
    server = TrytonInstance(await asyncio.to_thread(fresh_books, folder, "books"))
    try:
        await server.start()
        manager = Desk(server.url)
        made = await open_office(manager)
        await manager.close()
        template.with_suffix(".json").write_text(json.dumps(asdict(made)))
        whole = template.with_suffix(".new")
        await server.save(whole)
        whole.replace(template)  # never half a file, whatever ends this run
    finally:
        server.close()
        remove_folder(folder)
