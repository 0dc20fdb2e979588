"""Check a Procore connection before a vault uses it: reads a little, writes nothing, needs no database."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial

from drawbridge.contracts.errors import DrawbridgeError
from drawbridge.import_service.domain.finding import Finding, FindingState
from drawbridge.import_service.usecases.check_invoice import check_invoice
from drawbridge.import_service.usecases.settle_webhook import offered_webhook
from drawbridge.procore import ProcoreClient, Project, RateLimiter, Requisition

_MOST_PROJECTS = 5
_NAMED = 3
_PROJECTS_ADVICE = (
    "A Procore admin chooses an app's projects at its installation; add them there, or let the app be added"
    " to all new projects."
)


@dataclass(frozen=True, slots=True)
class Tool:
    """One of Procore's tools, the call that needs it, and what its absence means."""

    name: str
    ask: Callable[[ProcoreClient, int], Awaitable[object]]
    missing: FindingState
    advice: str
    company_wide: bool = False


async def _first_invoices(client: ProcoreClient, project_id: int) -> list[Requisition]:
    async for page in client.list_requisitions(project_id, view="default"):
        return page.rows
    return []


TOOLS = (
    Tool(
        "Directory",
        lambda client, _: client.list_vendors(),
        "look",
        "Without it vendor codes are entered by hand. Give the app read permission on the company directory.",
        company_wide=True,
    ),
    Tool(
        "Commitments",
        lambda client, project_id: client.list_commitments(project_id),
        "red",
        "Without it commitments have no numbers, and deleted invoices look like hidden ones. Give the app"
        " read permission on Commitments.",
    ),
    Tool(
        "Subcontractor invoices",
        _first_invoices,
        "red",
        "Without it there is nothing to import. Give the app read permission on Invoicing and Commitments.",
    ),
    Tool(
        "Billing periods",
        lambda client, project_id: client.billing_periods(project_id),
        "look",
        "Without it invoices have no due date. Give the app read permission on Invoicing.",
    ),
)


class ProcoreChecker:
    """Checks one company with one app's credentials; stops at the first thing that all else needs."""

    def __init__(self, client: ProcoreClient, limiter: RateLimiter, company_id: int) -> None:
        self._client = client
        self._limiter = limiter
        self._company_id = company_id
        self._findings: list[Finding] = []

    async def run(self) -> list[Finding]:
        """Check everything, in the order in which things depend on each other."""
        await self._check_all()
        if any(finding.what == "Company" for finding in self._findings):
            self._findings.append(_limit(self._limiter))
        return self._findings

    async def _check_all(self) -> None:
        if await self._asked("Token", self._client.sign_in()) is None:
            return
        self._add("Token", "ok", "Procore accepted the client id and secret.")
        if not await self._company_is_there():
            return
        projects = await self._visible_projects()
        if not projects:
            return
        for tool in TOOLS:
            await self._check_tool(tool, projects)
        self._findings.append(await check_invoice(self._client, projects))
        self._findings.append(await _webhooks(self._client, projects[0].id))

    async def _company_is_there(self) -> bool:
        companies = await self._asked("Company", self._client.list_companies())
        if companies is None:
            return False
        named = next((each for each in companies[0] if each.id == self._company_id), None)
        if named is not None:
            self._add("Company", "ok", f"{named.name or 'unnamed'} ({named.id})")
            return True
        seen = ", ".join(f"{each.name} ({each.id})" for each in companies[0]) or "none"
        advice = "Check --company, and that a company admin has installed the app."
        self._add(
            "Company", "red", f"The app does not see company {self._company_id}; it sees: {seen}.", advice
        )
        return False

    async def _visible_projects(self) -> Sequence[Project]:
        answer = await self._asked("Projects", self._client.list_projects())
        if answer is None:
            return ()
        projects = answer[0]
        if not projects:
            self._add("Projects", "red", "The app sees no active project.", _PROJECTS_ADVICE)
            return ()
        names = ", ".join(each.name or str(each.id) for each in projects[:_NAMED])
        more = f" and {len(projects) - _NAMED} more" if len(projects) > _NAMED else ""
        advice = f"One is missing? {_PROJECTS_ADVICE}"
        self._add("Projects", "ok", f"{len(projects)} active: {names}{more}.", advice)
        return projects

    async def _check_tool(self, tool: Tool, projects: Sequence[Project]) -> None:
        """Ask some projects; what one of them refuses is told with its name."""
        refused, chosen = [], projects[: 1 if tool.company_wide else _MOST_PROJECTS]
        for project in chosen:
            try:
                await tool.ask(self._client, project.id)
            except DrawbridgeError as error:
                where = "The company" if tool.company_wide else project.name or project.id
                refused.append(f"{where}: {error.problem.message}")
        if refused:
            of = "" if tool.company_wide else f" in {len(refused)} of {len(chosen)} projects"
            words = f"Not readable{of}. {refused[0]}"
            self._add(tool.name, tool.missing, words, tool.advice)
        elif tool.company_wide:
            self._add(tool.name, "ok", "Readable.")
        else:
            self._add(tool.name, "ok", f"Readable in all {len(chosen)} projects that were asked.")

    async def _asked[T](self, what: str, question: Awaitable[T]) -> tuple[T] | None:
        """Procore's answer; None when there is none, and the finding says why."""
        try:
            return (await question,)
        except DrawbridgeError as error:
            self._add(
                what, "red", error.problem.message, error.problem.advice or "Try again in some minutes."
            )
            return None

    def _add(self, what: str, state: FindingState, found: str, advice: str = "") -> None:
        self._findings.append(Finding(what, state, found, advice))


async def _webhooks(client: ProcoreClient, project_id: int) -> Finding:
    """Whether Procore would tell at once of changes; nothing is set up, and nothing is lost without them."""
    try:
        version, name, _ = await offered_webhook(partial(client.webhooks.resources, project_id))
        await client.webhooks.hooks(project_id, "drawbridge")
    except DrawbridgeError as error:
        advice = error.problem.advice or "Changes are found by the poll; ask again later."
        return Finding("Webhooks", "look", f"Not possible. {error.problem.message}", advice)
    return Finding("Webhooks", "ok", f"Possible: Procore tells of {name!r} in version {version}.")


def _limit(limiter: RateLimiter) -> Finding:
    """What the answers said of the rate limit; Procore shows the window that is nearer to its end."""
    budgets = limiter.budgets()
    if not budgets:
        advice = "A proxy may remove the headers X-Rate-Limit-*; waits are then guessed."
        return Finding("Rate limit", "look", "Procore's answers named no limit.", advice)
    said = "; ".join(
        f"{each.remaining} of {each.limit} calls left until {each.reset:%H:%M:%S} UTC" for each in budgets
    )
    if any(each.remaining == 0 for each in budgets):
        return Finding(
            "Rate limit", "look", said, "Another program uses the same app; give Drawbridge its own."
        )
    return Finding("Rate limit", "ok", said)
