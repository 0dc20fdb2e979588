"""Conditions on many (vault, requisition) at once."""

from collections.abc import Collection

from sqlalchemy import BigInteger, ColumnElement, String, Table, bindparam, column, func, select, tuple_
from sqlalchemy.dialects.postgresql import ARRAY

type Subject = tuple[str, int]
"""(vault id, requisition id)."""


def among(table: Table, subjects: Collection[Subject]) -> ColumnElement[bool]:
    """True for the rows of these subjects; two array parameters, however many they are."""
    arrays = func.unnest(
        bindparam(None, [vault_id for vault_id, _ in subjects], ARRAY(String)),
        bindparam(None, [requisition_id for _, requisition_id in subjects], ARRAY(BigInteger)),
    )
    names = column("vault_id", String), column("requisition_id", BigInteger)
    pairs = arrays.table_valued(*names).render_derived()
    return tuple_(table.c.vault_id, table.c.requisition_id).in_(
        select(pairs.c.vault_id, pairs.c.requisition_id)
    )
