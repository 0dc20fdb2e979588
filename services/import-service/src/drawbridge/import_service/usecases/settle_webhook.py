"""Make Procore's hook of a project equal to what its vault wants: set it up, renew it, take it away.

Webhooks only lower the latency. Where one cannot be had, the project says why and the poll goes on.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from drawbridge.contracts.envelope import Cause
from drawbridge.contracts.errors import Problem, Refused, Retryable
from drawbridge.contracts.procore_invoices import Webhook
from drawbridge.contracts.values import Change, version_after
from drawbridge.import_service.domain.changes import invoice_resource
from drawbridge.import_service.store.projects import find_project, save_projects
from drawbridge.import_service.store.vaults import Vault
from drawbridge.import_service.store.webhooks import HookRow, forget_hook, save_hook
from drawbridge.import_service.usecases.known_vault import known_vault
from drawbridge.import_service.usecases.procore_port import Procore, ProcoreAccess
from drawbridge.import_service.usecases.telling import without_command
from drawbridge.persistence import BULK, Database, NewWork, Transaction, WorkItem, current_epoch
from drawbridge.procore import Ambiguous, Hook, HookDraft, NotSent, Ok, Outcome, Rejected, WebhookResource
from drawbridge.runtime import resolve_secret

SETTLE_WEBHOOK = "settle_webhook"
PAYLOAD_VERSIONS = ("v4.0", "v3.0", "v2.0")
"""The newest first; Procore recommends 4.0 for new hooks."""

_CHECK_EVERY = timedelta(days=1)
_GONE = 404


def webhook_work(vault_id: str, project_id: int, cause: Cause) -> NewWork:
    """The work item that settles a project's hook; one at a time."""
    return NewWork(
        kind=SETTLE_WEBHOOK,
        subject=f"project/{vault_id}/{project_id}",
        vault_id=vault_id,
        payload={"project_id": project_id},
        cause=cause,
        priority=BULK,
        unique=True,
    )


@dataclass(frozen=True, slots=True)
class _Wanted:
    """The hook as it should be, and what it should be told of."""

    draft: HookDraft
    triggers: frozenset[tuple[str, str]]


class WebhookSettler:
    """Works on the items that `webhook_work` makes. ``gateway_url`` is where Procore reaches the gateway."""

    def __init__(self, database: Database, access: ProcoreAccess, gateway_url: str | None) -> None:
        self._database = database
        self._access = access
        self._gateway_url = gateway_url.rstrip("/") if gateway_url else None

    async def run(self, item: WorkItem) -> None:
        """Settle once: list what is there before anything is written.

        Raises:
            Refused: when Procore, or the vault's settings, do not allow a hook.
            Retryable: when Procore did not answer; what it then did is found by the next listing.
        """
        vault = await known_vault(self._database, item)
        project_id = int(str(item.payload["project_id"]))
        procore = self._access.of(vault.settings)
        hooks = await procore.webhooks.hooks(project_id, _namespace(vault))
        if not await self._is_wanted(vault, project_id):
            await _delete(procore, project_id, hooks)
            async with self._database.finishing(item) as tx:
                await forget_hook(tx.session, vault.id, project_id)
                await self._tell(tx, item, project_id, None)
            return
        wanted = await self._wanted(vault, procore, project_id)
        hook = await _settled(procore, project_id, wanted, hooks)
        user_id = await procore.own_user()
        async with self._database.finishing(item) as tx:
            await save_hook(tx.session, _row(tx, vault, project_id, hook.id, user_id))
            await self._tell(tx, item, project_id, Webhook(active=True))

    async def failed(self, tx: Transaction, item: WorkItem, problem: Problem) -> None:
        """Say on the project why it has no webhook; it is tried again tomorrow, or with new settings."""
        vault = await known_vault(self._database, item)
        project_id = int(str(item.payload["project_id"]))
        await save_hook(tx.session, _row(tx, vault, project_id, None, None))
        await self._tell(tx, item, project_id, Webhook(active=False, problem=problem))

    async def _is_wanted(self, vault: Vault, project_id: int) -> bool:
        async with self._database.reading() as session:
            project = await find_project(session, vault.id, project_id)
        if project is None or not project.active or not vault.settings.active:
            return False
        return vault.settings.procore.webhook_authorization is not None

    async def _wanted(self, vault: Vault, procore: Procore, project_id: int) -> _Wanted:
        """What to set up, by what Procore offers in this project."""
        if self._gateway_url is None:
            raise Refused(
                "no_webhook_url",
                "import-service does not know under which address Procore reaches the gateway.",
                "Set DRAWBRIDGE_WEBHOOK_URL to the gateway's public https address.",
            )
        authorization = resolve_secret(vault.settings.procore.webhook_authorization or "")
        version, resource, actions = await offered_webhook(partial(procore.webhook_resources, project_id))
        draft = HookDraft(
            namespace=_namespace(vault),
            payload_version=version,
            destination_url=f"{self._gateway_url}/v1/webhooks/procore/{vault.id}",
            authorization=authorization.get_secret_value(),
        )
        return _Wanted(draft, frozenset((resource, action) for action in actions))

    async def _tell(self, tx: Transaction, item: WorkItem, project_id: int, webhook: Webhook | None) -> None:
        project = await find_project(tx.session, item.vault_id, project_id, lock=True)
        if project is None or project.webhook == webhook:
            return
        what = "webhook_removed" if webhook is None else "webhook_set_up" if webhook.active else "no_webhook"
        detail = webhook.problem.message if webhook and webhook.problem else ""
        state = project.model_copy(
            update={
                "webhook": webhook,
                "version": version_after(project.version, await current_epoch(self._database, tx)),
                "change": Change(what=what, at=tx.now, detail=detail),
            }
        )
        await save_projects(tx.session, [state])
        tx.send(state, cause=without_command(item.cause))


async def offered_webhook(
    ask: Callable[[str], Awaitable[list[WebhookResource]]],
) -> tuple[str, str, tuple[str, ...]]:
    """Payload version, resource name and event types under which Procore tells of invoices.

    ``ask`` gives what Procore offers in a payload version.

    Raises:
        Refused: ``no_webhook_resource``, and what ``ask`` raises.
    """
    for version in PAYLOAD_VERSIONS:
        offered = await ask(version)
        names = {each.name: each for each in offered if each.name and each.actions}
        name = invoice_resource(names)
        if name is not None:
            return names[name].payload_version or version, name, names[name].actions
    raise Refused(
        "no_webhook_resource",
        "Procore offers no webhooks for subcontractor invoices here.",
        "Nothing needs to be done: changes are found by the poll.",
    )


async def _settled(procore: Procore, project_id: int, wanted: _Wanted, hooks: list[Hook]) -> Hook:
    """The one hook with all its triggers; others of our namespace, left by doubtful answers, go."""
    hooks, webhooks = sorted(hooks, key=lambda each: each.id), procore.webhooks
    await _delete(procore, project_id, hooks[1:])
    if hooks:
        paused = hooks[0].status == "disabled"
        outcome = await webhooks.renew_hook(project_id, hooks[0].id, wanted.draft, resume=paused)
    else:
        outcome = await webhooks.create_hook(project_id, wanted.draft)
    hook = _done(outcome)
    missing = wanted.triggers - await webhooks.triggers(project_id, hook.id)
    if missing:
        _done(await webhooks.add_triggers(project_id, hook.id, sorted(missing)))
        if wanted.triggers - await webhooks.triggers(project_id, hook.id):
            raise Retryable("Procore did not take all triggers of a webhook.", code="webhook_triggers")
    return hook


async def _delete(procore: Procore, project_id: int, hooks: list[Hook]) -> None:
    for hook in hooks:
        outcome = await procore.webhooks.delete_hook(project_id, hook.id)
        if not (isinstance(outcome, Rejected) and outcome.problem.status == _GONE):
            _done(outcome)


def _done[T](outcome: Outcome[T]) -> T:
    """What a write gave; what is in doubt is tried again, and the listing before that finds out."""
    match outcome:
        case Ok(value):
            return value
        case Rejected(problem):
            raise problem.refused()
        case NotSent(reason) | Ambiguous(reason):
            raise Retryable(reason, code="procore_silent")


def _row(tx: Transaction, vault: Vault, project_id: int, hook_id: str | None, user_id: int | None) -> HookRow:
    return HookRow(vault.id, project_id, hook_id, user_id, vault.version, tx.now + _CHECK_EVERY)


def _namespace(vault: Vault) -> str:
    return f"drawbridge-{vault.id}"
