"""The container recipe."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

from tests.factories.compose import DOCKERFILE, ROOT, image_variables, our_services

TEXT = DOCKERFILE.read_text(encoding="utf-8")


def test_the_linter_finds_nothing() -> None:
    hadolint = Path(sys.executable).with_name("hadolint")
    done = subprocess.run(  # noqa: S603  # our own argument list, no shell
        [hadolint, DOCKERFILE], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "")


def test_it_copies_only_what_docker_is_given() -> None:
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    given = {line.removeprefix("!") for line in ignored if line.startswith("!")}
    sources = [
        re.split(r"\s+", line)[1:-1] for line in re.findall(r"^COPY (?!--from).*$", TEXT, re.MULTILINE)
    ]
    assert {source for line in sources for source in line} == given
    assert all((ROOT / source).exists() for source in given)


def test_each_image_is_a_package_of_this_workspace() -> None:
    manifests = [*ROOT.glob("libs/*/pyproject.toml"), *ROOT.glob("services/*/pyproject.toml")]
    packages = {tomllib.loads(path.read_text(encoding="utf-8"))["project"]["name"] for path in manifests}
    for service in our_services().values():
        name = service["build"]["args"]["SERVICE"]
        assert f"drawbridge-{name}" in packages
        assert service["image"] == f"drawbridge/{name}"


def test_the_port_that_it_declares_is_the_one_that_processes_listen_on() -> None:
    assert re.findall(r"^EXPOSE (.*)$", TEXT, re.MULTILINE) == [image_variables()["DRAWBRIDGE_HTTP_PORT"]]


def test_it_runs_as_an_ordinary_user() -> None:
    users = re.findall(r"^USER (\d+):\d+$", TEXT, re.MULTILINE)
    assert users
    assert "0" not in users


def test_its_labels_say_what_the_package_says() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    labels = dict(re.findall(r'org\.opencontainers\.image\.(\w+)="([^"]*)"', TEXT))
    assert labels["title"] == "drawbridge-${SERVICE}"
    assert labels["description"] == project["description"]
    assert labels["licenses"] == project["license"]
    assert labels["version"] == project["version"]
    assert {"source", "revision"} < set(labels)
