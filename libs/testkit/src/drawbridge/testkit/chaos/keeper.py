"""Starts processes again that ended by themselves, as any production does."""

import asyncio
from dataclasses import dataclass, field

from drawbridge.testkit.chaos.faults import Ground

_LOOK_SECONDS = 0.5


@dataclass
class Keeper:
    """Looks after all processes but those that are down on purpose; ``ended`` tells what it found."""

    ground: Ground
    ended: list[str] = field(default_factory=list)

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            for name, process in self.ground.stack.processes.items():
                if name not in self.ground.resting and process.exit_code is not None:
                    self.ended.append(f"{name} (exit code {process.exit_code})")
                    process.kill()
                    process.launch()
            await asyncio.sleep(_LOOK_SECONDS)
