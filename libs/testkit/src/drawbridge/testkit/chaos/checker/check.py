"""All promises that a look at the installation can tell."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from drawbridge.testkit.chaos.checker.accepted import check_accepted, check_poison
from drawbridge.testkit.chaos.checker.attempts import check_attempts
from drawbridge.testkit.chaos.checker.doubles import check_doubles
from drawbridge.testkit.chaos.checker.histories import check_histories
from drawbridge.testkit.chaos.checker.messages import check_messages
from drawbridge.testkit.chaos.checker.promise import Promise
from drawbridge.testkit.chaos.checker.schemas import Schemas
from drawbridge.testkit.chaos.checker.seen import Seen
from drawbridge.testkit.chaos.scene import Scene
from drawbridge.testkit.stack.doors import Json


@dataclass
class Checker:
    """Looks as often as it is asked to."""

    scene: Scene
    last: Seen | None = None
    _ended: dict[str, Json] = field(default_factory=dict)

    async def look(self) -> list[Promise]:
        """R1, R2, R3, R4, R8 and R10 as they are now."""
        self.last = seen = await Seen.read(self.scene, self._ended)
        async with Schemas.open(self.scene.at.database_url) as schemas:
            return [
                await check_accepted(self.scene.asked, seen, schemas),
                check_doubles(self.scene, seen),
                await check_messages(schemas),
                check_poison(self.scene.asked, seen),
                check_attempts(seen),
                await check_histories(self.scene, seen),
            ]

    def write_evidence(self, path: Path) -> None:
        """Write the last look as JSON, to find out what happened."""
        if self.last is not None:
            asked = {"published": list(self.scene.asked.published), **self.scene.asked.operations}
            path.write_text(json.dumps(asdict(self.last) | {"asked": asked}, indent=1, default=str))
