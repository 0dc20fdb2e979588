"""Money, versions and registration."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from pydantic import ValidationError

from drawbridge.contracts import Unprocessable, message_class
from drawbridge.contracts.values import EPOCH_SIZE, Amount, Value, latest, version_after


class Priced(Value):
    """Something with a price."""

    price: Amount


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (Decimal("12500.5000"), "12500.5000"),
        (Decimal("1E+3"), "1000"),
        (Decimal("0.0001"), "0.0001"),
        (Decimal("-0.10"), "-0.10"),
        (Decimal("12345678901234567890.1234"), "12345678901234567890.1234"),
    ],
)
def test_money_is_a_plain_string_in_json_and_comes_back_exactly(given: Decimal, text: str) -> None:
    encoded = Priced(price=given).model_dump_json()
    assert encoded == f'{{"price":"{text}"}}'
    assert Priced.model_validate_json(encoded).price == given


@pytest.mark.parametrize("given", ["NaN", "Infinity", "1,000.00", ""])
def test_money_that_is_no_number_is_refused(given: str) -> None:
    with pytest.raises(ValidationError):
        Priced.model_validate({"price": given})


@pytest.mark.parametrize(
    ("current", "epoch", "after"),
    [
        (None, 0, 1),
        (1, 0, 2),
        (None, 1, EPOCH_SIZE + 1),
        (41, 1, EPOCH_SIZE + 1),
        (EPOCH_SIZE + 1, 1, EPOCH_SIZE + 2),
        (2 * EPOCH_SIZE + 9, 1, 2 * EPOCH_SIZE + 10),
    ],
)
def test_a_version_is_higher_than_the_last_and_than_every_earlier_epoch(
    current: int | None, epoch: int, after: int
) -> None:
    assert version_after(current, epoch) == after


def test_the_latest_moment_is_found_among_those_that_are_known() -> None:
    early, late = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)
    assert latest(None, late, early) == late
    assert latest(None, None) is None


def test_an_unknown_type_is_parked_with_advice() -> None:
    with pytest.raises(Unprocessable) as caught:
        message_class("drawbridge.invoice.state.v9")
    assert caught.value.problem.code == "unknown_type"
    assert caught.value.problem.advice
