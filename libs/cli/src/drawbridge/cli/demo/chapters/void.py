"""Two checks are voided, in two shapes; exactly our contract payments disappear."""

from drawbridge.cli.demo.chapters.pay import JOBS, all_allocations, run_jobs
from drawbridge.cli.demo.doors import StoryError
from drawbridge.cli.demo.story import Story
from drawbridge.testkit.stack.doors import Json, until

VOIDS = {"30103": "delete", "30104": "reversal"}


async def void_checks(story: Story) -> None:
    """Void, run the jobs again, and look at Procore."""
    story.teller.chapter("Two checks are voided; their payments disappear from Procore again")
    before = {row["check_number"] for row in await story.procore.contract_payments()}
    for number, shape in VOIDS.items():
        await story.clerk.void(number, shape)
    with story.teller.waiting("Running the jobs again"):
        await run_jobs(story, JOBS)
        await until("the voided payments were not removed", lambda: _removed(story))
    after = {row["check_number"] for row in await story.procore.contract_payments()}
    if before - after != set(VOIDS) or after - before:
        raise StoryError(f"Procore lost {before - after} and gained {after - before}.")
    story.teller.say(f"Checks {' and '.join(VOIDS)} are gone from Procore, and nothing else.")


async def _removed(story: Story) -> list[Json] | None:
    voided = [each for each in await all_allocations(story) if each["payment"]["number"] in VOIDS]
    done = voided and all(each["write_back"]["state"] == "removed" for each in voided)
    return voided if done else None
