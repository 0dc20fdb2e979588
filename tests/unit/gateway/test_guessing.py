"""Guessing credentials: slowed down for each address, and never at the cost of who has a valid one."""

from drawbridge.gateway.domain.guessing import Guessing


def _exhausted() -> Guessing:
    guessing = Guessing()
    for _ in range(10):
        assert guessing.wait("10.0.0.1", "wrong", now=0.0) == 0.0
        guessing.failed("10.0.0.1", now=0.0)
    return guessing


def test_an_address_has_a_few_tries_and_then_one_a_second() -> None:
    guessing = _exhausted()
    assert guessing.wait("10.0.0.1", "wrong", now=0.0) == 1.0
    assert guessing.wait("10.0.0.1", "right", now=0.5) == 0.5
    assert guessing.wait("10.0.0.1", "wrong", now=1.0) == 0.0


def test_looking_takes_no_try() -> None:
    guessing = Guessing()
    assert {guessing.wait("10.0.0.1", "any", now=0.0) for _ in range(100)} == {0.0}


def test_another_address_is_not_held_up() -> None:
    assert _exhausted().wait("10.0.0.2", "wrong", now=0.0) == 0.0


def test_a_credential_that_was_valid_is_let_pass_for_an_hour() -> None:
    guessing = _exhausted()
    guessing.succeeded("right", now=0.0)
    assert guessing.wait("10.0.0.1", "right", now=0.0) == 0.0
    for _ in range(10):
        guessing.failed("10.0.0.1", now=3600.0)
    assert guessing.wait("10.0.0.1", "right", now=3600.0) == 1.0


def test_what_is_remembered_is_bounded() -> None:
    guessing = Guessing()
    for number in range(10_050):
        guessing.succeeded(f"key {number}", now=0.0)
    assert len(guessing._trusted) == 10_000  # noqa: SLF001  # its memory is the point
