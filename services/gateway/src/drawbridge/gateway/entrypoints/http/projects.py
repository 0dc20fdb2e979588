"""Projects of a vault, and their re-read from Procore."""

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel

from drawbridge.contracts import Problem
from drawbridge.contracts.procore_invoices import ProjectState, Webhook
from drawbridge.contracts.values import ProcoreId, Timestamp, Waiting
from drawbridge.gateway.domain.operations import Operation
from drawbridge.gateway.entrypoints.http.asking import ToolsOf, VaultPath, ViewerOf
from drawbridge.gateway.entrypoints.http.idempotency import ViewerOnce
from drawbridge.gateway.entrypoints.http.operations import AnswerAtOnce, command_answers
from drawbridge.gateway.entrypoints.http.problems import declared
from drawbridge.gateway.usecases.sync_project import show_projects, sync_project

router = APIRouter(prefix="/v1/vaults/{vault_id}/projects", tags=["projects"])


class ProjectView(BaseModel):
    """A project.

    ``as_of`` is the start of its last complete re-read; ``waiting`` and ``problem`` say why there is no
    newer one. ``webhook`` says whether Procore tells at once of changes; null: none are set up.
    """

    project_id: int
    name: str
    number: str
    active: bool
    as_of: Timestamp | None
    invoices: int
    waiting: Waiting | None
    problem: Problem | None
    webhook: Webhook | None = None

    @classmethod
    def of(cls, state: ProjectState) -> "ProjectView":
        """What is shown of a project's state."""
        return cls.model_validate(state.model_dump(include=set(cls.model_fields)))


class ProjectList(BaseModel):
    """The projects of a vault."""

    items: list[ProjectView]


@router.get("", summary="List the projects of a vault", responses=declared(404))
async def list_projects(tools: ToolsOf, _asking: ViewerOf, vault_id: VaultPath) -> ProjectList:
    """The projects that the vault selects of its Procore company, by name."""
    return ProjectList(items=[ProjectView.of(each) for each in await show_projects(tools, vault_id)])


@router.post("/{project_id}/sync", summary="Re-read a project", status_code=202, responses=command_answers())
async def sync(
    tools: ToolsOf,
    asking: ViewerOnce,
    vault_id: VaultPath,
    project_id: Annotated[ProcoreId, Path(description="the Procore project's id")],
    answering: AnswerAtOnce,
) -> Operation:
    """Ask for a re-read of the project's invoices from Procore; repeats within 30 s collapse."""
    operation = await sync_project(tools, asking, vault_id, project_id)
    return await answering.answer(tools, operation)
