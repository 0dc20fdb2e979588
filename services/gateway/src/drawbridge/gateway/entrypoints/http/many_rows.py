"""Bulk requests: which rows, and what became of each."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from drawbridge.contracts import Problem
from drawbridge.contracts.procore_invoices import ImportState
from drawbridge.contracts.values import GivenId
from drawbridge.gateway.entrypoints.http.bodies import UNNAMED, Body
from drawbridge.gateway.usecases.choose_rows import MOST_ROWS, Choice, RowOutcome


class RowFilter(Body):
    """Which rows; held ones are skipped."""

    project_id: GivenId | None = None
    state: ImportState | None = None


class ManyRowsBody(Body):
    """Rows by name (held ones are lifted) or by filter."""

    model_config = ConfigDict(
        json_schema_extra={
            "minProperties": 1,
            "maxProperties": 1,
            "examples": [
                {"requisition_ids": [598134325841112]},
                {"filter": {"project_id": 598134325599990, "state": "not_imported"}},
            ],
        }
    )

    requisition_ids: Annotated[list[GivenId], Field(min_length=1, max_length=MOST_ROWS)] = UNNAMED
    filter: RowFilter = UNNAMED

    @model_validator(mode="after")
    def _one_of_both(self) -> "ManyRowsBody":
        if len(self.model_fields_set) != 1:
            raise ValueError("give either requisition_ids or filter")
        return self

    def choice(self) -> Choice:
        """The same for the use case."""
        if "requisition_ids" in self.model_fields_set:
            return Choice(self.requisition_ids)
        return Choice(None, self.filter.project_id, self.filter.state)


class RowOutcomeView(BaseModel):
    """What became of one row: an operation, or the reason why not."""

    requisition_id: int
    operation_id: UUID | None = None
    problem: Problem | None = None


class ManyRowsOutcome(BaseModel):
    """For how many rows something was asked, and what became of each."""

    requested: int
    refused: int
    rows: list[RowOutcomeView]

    @classmethod
    def of(cls, outcomes: Sequence[RowOutcome]) -> "ManyRowsOutcome":
        """As JSON has it."""
        rows = [
            RowOutcomeView(
                requisition_id=each.requisition_id,
                operation_id=each.operation.id if each.operation else None,
                problem=each.problem,
            )
            for each in outcomes
        ]
        requested = sum(row.operation_id is not None for row in rows)
        return cls(requested=requested, refused=len(rows) - requested, rows=rows)
