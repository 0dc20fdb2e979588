"""Codes that invoice lines refer to: cost codes, budget codes and tax codes."""

from drawbridge.procore.models.record import Record
from drawbridge.procore.values import RawAmount, Text


class CostCode(Record):
    """A cost code of a project; ``full_code`` holds those of its parents, too."""

    code: Text = None
    full_code: Text = None
    name: Text = None


class BudgetCode(Record):
    """A budget code (WBS code) of a project; ``flat_code`` is what invoice lines show."""

    flat_code: Text = None
    description: Text = None


class TaxCode(Record):
    """A tax code of the company; ``rate1`` is its percentage."""

    code: Text = None
    description: Text = None
    rate1: RawAmount = None
