"""A client of the Procore REST API with typed outcomes: import everything from here."""

from drawbridge.procore.budgets import Counted, budget_key
from drawbridge.procore.client import ProcoreClient, ProjectStatus, RequisitionView
from drawbridge.procore.limits import DOWN, LIMIT, Budget, RateLimiter, bulk_calls
from drawbridge.procore.models.codes import BudgetCode, CostCode, TaxCode
from drawbridge.procore.models.commitment import Commitment, CommitmentVendor
from drawbridge.procore.models.contract_payment import (
    ContractPayment,
    ContractPaymentChange,
    ContractPaymentDraft,
    PaymentMethod,
)
from drawbridge.procore.models.directory import BillingPeriod, Company, Project, User, Vendor
from drawbridge.procore.models.record import CurrencyConfiguration, Record
from drawbridge.procore.models.requisition import (
    Attachment,
    Person,
    Requisition,
    Summary,
    SummaryText,
    TaxSummaryRow,
)
from drawbridge.procore.models.requisition_item import (
    ItemPackage,
    ItemTax,
    RequisitionItem,
    SegmentItem,
    WbsCode,
)
from drawbridge.procore.models.webhook import Hook, HookDraft, Trigger, WebhookResource
from drawbridge.procore.outcomes import Ambiguous, NotSent, Ok, Outcome, Rejected
from drawbridge.procore.paging import Page, UnreadableRow
from drawbridge.procore.problems import FORBIDDEN, NOT_FOUND, ProcoreProblem
from drawbridge.procore.tokens import Credentials
from drawbridge.procore.values import UnreadableAmount, decimal_of, decimal_or_none, percent_of
from drawbridge.procore.webhooks import ProcoreWebhooks

__all__ = [
    "DOWN",
    "FORBIDDEN",
    "LIMIT",
    "NOT_FOUND",
    "Ambiguous",
    "Attachment",
    "BillingPeriod",
    "Budget",
    "BudgetCode",
    "Commitment",
    "CommitmentVendor",
    "Company",
    "ContractPayment",
    "ContractPaymentChange",
    "ContractPaymentDraft",
    "CostCode",
    "Counted",
    "Credentials",
    "CurrencyConfiguration",
    "Hook",
    "HookDraft",
    "ItemPackage",
    "ItemTax",
    "NotSent",
    "Ok",
    "Outcome",
    "Page",
    "PaymentMethod",
    "Person",
    "ProcoreClient",
    "ProcoreProblem",
    "ProcoreWebhooks",
    "Project",
    "ProjectStatus",
    "RateLimiter",
    "Record",
    "Rejected",
    "Requisition",
    "RequisitionItem",
    "RequisitionView",
    "SegmentItem",
    "Summary",
    "SummaryText",
    "TaxCode",
    "TaxSummaryRow",
    "Trigger",
    "UnreadableAmount",
    "UnreadableRow",
    "User",
    "Vendor",
    "WbsCode",
    "WebhookResource",
    "budget_key",
    "bulk_calls",
    "decimal_of",
    "decimal_or_none",
    "percent_of",
]
