"""The whole road, walked as the demo walks it."""

import pytest

from drawbridge.cli.demo.command import tell
from drawbridge.cli.demo.teller import Teller
from tests.system.conftest import StartStack


@pytest.mark.timeout(240)
async def test_story_loses_nothing_and_does_nothing_twice(start_stack: StartStack, teller: Teller) -> None:
    async with start_stack() as stack:
        figures = await tell(stack.info, teller)
        exit_codes = {name: await process.terminate() for name, process in stack.processes.items()}

    print(figures)
    assert figures.lost == []
    assert figures.duplicates == []
    assert figures.invoices == 71
    assert figures.errors == 1, "the broken invoice was in error until it was mended"
    assert figures.reprocessed == 2, "one through the gateway, one by a plain AMQP publish"
    assert figures.written == 5, "seven written, one of them tied by hand, two of them voided"
    services = {name: code for name, code in exit_codes.items() if name not in ("procore", "clerk")}
    assert set(services.values()) == {0}, f"every service stops in good order: {services}"
