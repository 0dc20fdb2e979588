"""The Kubernetes manifests as an overlay renders them."""

import subprocess
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tests.factories.compose import ROOT

FOLDER = ROOT / "deploy" / "kubernetes"
OVERLAYS = ("dev", "dev/jobs", "prod", "prod/jobs")

type Manifest = dict[str, Any]


@cache
def rendered(overlay: str) -> tuple[Manifest, ...]:
    """All manifests of an overlay, by kubectl's own kustomize."""
    kubectl = Path(sys.executable).with_name("kubectl")
    done = subprocess.run(  # noqa: S603  # our own argument list, no shell
        [kubectl, "kustomize", FOLDER / "overlays" / overlay], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return tuple(yaml.safe_load_all(done.stdout))


def of_kind(overlay: str, kind: str) -> dict[str, Manifest]:
    """The manifests of a kind, by name."""
    return {each["metadata"]["name"]: each for each in rendered(overlay) if each["kind"] == kind}


def pod(manifest: Manifest) -> Manifest:
    """The pod that a Deployment or Job makes."""
    spec: Manifest = manifest["spec"]["template"]["spec"]
    return spec


def process(manifest: Manifest) -> Manifest:
    """The one container in it."""
    [container] = pod(manifest)["containers"]
    found: Manifest = container
    return found


def given(container: Manifest, secrets: Mapping[tuple[str, str], str]) -> dict[str, str]:
    """The environment of a container, with these secrets by (name, key)."""
    return dict(_variables(container, secrets))


def _variables(container: Manifest, secrets: Mapping[tuple[str, str], str]) -> Iterator[tuple[str, str]]:
    for variable in container["env"]:
        if "value" in variable:
            yield variable["name"], variable["value"]
        else:
            reference = variable["valueFrom"]["secretKeyRef"]
            key = (reference["name"], reference["key"])
            if key in secrets or not reference.get("optional", False):
                yield variable["name"], secrets[key]
