"""Errors of drivers that are accepted but not run here are read by their codes."""

import pytest
from sqlalchemy.exc import OperationalError

from drawbridge.contracts.errors import DrawbridgeError, Refused, Retryable
from drawbridge.ledgers.sql.failures import ledger_errors


@pytest.mark.parametrize(
    ("code", "kind", "problem"),
    [
        ("28000", Refused, "ledger_login"),
        (1045, Refused, "ledger_login"),
        ("42S02", Refused, "ledger_unreadable"),
        (1146, Refused, "ledger_unreadable"),
        ("08001", Retryable, "ledger_unreachable"),
        (2003, Retryable, "ledger_unreachable"),
        ("something made-up", Retryable, "ledger_unreachable"),
        (28, Retryable, "ledger_unreachable"),
    ],
)
def test_code_decides_whether_waiting_helps(code: object, kind: type[DrawbridgeError], problem: str) -> None:
    with pytest.raises(kind) as caught, ledger_errors("Books"):
        raise OperationalError("SELECT 1", {}, Exception(code, "made-up text with a row"))
    assert caught.value.problem.code == problem
    assert "made-up" not in repr(caught.value.problem)
