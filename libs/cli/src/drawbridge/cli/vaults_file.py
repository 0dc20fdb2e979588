"""The file of vaults that ``drawbridge vaults apply`` reads, and all that can be wrong in it.

::

    vaults:
      main:
        name: Main
        procore:
          company_id: 562949953421312
          client_id: env:DRAWBRIDGE_SECRET_PROCORE_CLIENT_ID
          client_secret: env:DRAWBRIDGE_SECRET_PROCORE_CLIENT_SECRET
        projects: rest
        automated_import: queue
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from drawbridge.contracts.errors import Refused
from drawbridge.contracts.vaults import VaultChoices
from drawbridge.runtime import check_reference

_VAULT_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_REFERENCE = "Write env:DRAWBRIDGE_SECRET_NAME, or file:name for a file in the secrets folder."
_ADVICE = {
    "accepted_statuses": "List approved, approved_as_noted or pending_owner_approval.",
    "automated_import": "Write none, queue or invoice.",
    "currency": "Write three capital letters, such as USD.",
    "duplicate_guard": "Write warning or error.",
    "name": "Write the name that people know the vault by.",
    "procore": "Give company_id, client_id and client_secret.",
    "procore.client_id": _REFERENCE,
    "procore.client_secret": _REFERENCE,
    "procore.company_id": "Write the Procore company's id, a whole number.",
    "projects": "Write rest, or a list of Procore project ids.",
}


class VaultsFileError(Exception):
    """The file cannot be applied; ``sentences`` says why, each naming file, vault, setting and advice."""

    def __init__(self, sentences: list[str]) -> None:
        super().__init__("\n".join(sentences))
        self.sentences = sentences


def read_vaults(path: Path) -> dict[str, VaultChoices]:
    """Read and check a file of vaults.

    Raises:
        VaultsFileError: with everything that was found, not only the first.
    """
    vaults: dict[str, VaultChoices] = {}
    problems: list[str] = []
    for vault_id, members in _documents(path).items():
        try:
            vaults[vault_id] = _choices(vault_id, members)
        except VaultsFileError as error:
            problems += [f"{path}, vault {vault_id}{sentence}" for sentence in error.sentences]
    problems += [f"{path}, {sentence}" for sentence in _overlaps(vaults)]
    if problems:
        raise VaultsFileError(problems)
    return vaults


def _documents(path: Path) -> dict[str, Any]:
    try:
        document = yaml.load(path.read_text(encoding="utf-8"), Loader=_StrictLoader)  # noqa: S506  # a SafeLoader
    except OSError as error:
        raise VaultsFileError([f"{path}: cannot be read ({error.strerror}). Check its name."]) from None
    except UnicodeDecodeError:
        raise VaultsFileError([f"{path}: is not text in UTF-8. Save it as such."]) from None
    except yaml.YAMLError as error:
        raise VaultsFileError([f"{path}: is not YAML ({_where(error)}). Correct that line."]) from None
    vaults = document.get("vaults") if isinstance(document, dict) else None
    if not isinstance(vaults, dict) or not vaults:
        raise VaultsFileError(
            [f"{path}: has no vaults. Begin it with `vaults:` and one entry for each vault."]
        )
    return {str(vault_id): members for vault_id, members in vaults.items()}


def _choices(vault_id: str, members: object) -> VaultChoices:
    """One vault's settings. Raises VaultsFileError, its sentences still without file and vault."""
    if not _VAULT_ID.fullmatch(vault_id):
        raise VaultsFileError([": is no vault id. Use lower-case letters, digits and dashes."])
    if not isinstance(members, dict):
        raise VaultsFileError([": has no settings. Give at least name and procore."])
    try:
        choices = VaultChoices.model_validate(members | {"managed_by": "file"})
    except ValidationError as error:
        raise VaultsFileError(list(_sentences(error))) from None
    wrong = list(_bad_references(choices))
    if wrong:
        raise VaultsFileError(wrong)
    return choices


def _sentences(error: ValidationError) -> Iterator[str]:
    told: set[str] = set()
    for detail in error.errors(include_url=False, include_context=True):
        setting = ".".join(str(part) for part in detail["loc"] if _names_setting(part))
        if setting not in told:
            told.add(setting)
            advice = _ADVICE.get(setting) or _ADVICE.get(
                setting.partition(".")[0], "Correct it, then apply again."
            )
            yield f", {setting}: {_what(detail)}. {advice}"


def _names_setting(part: int | str) -> bool:
    """Leave out list positions, and what pydantic calls the members of a union."""
    return isinstance(part, str) and part.isidentifier()


def _what(detail: ErrorDetails) -> str:
    match detail["type"]:
        case "missing":
            return "is missing"
        case "extra_forbidden":
            return "is no setting of a vault"
        case "literal_error":
            return f"{detail['input']!r} is unknown"
    return detail["msg"][:1].lower() + detail["msg"][1:]


def _bad_references(choices: VaultChoices) -> Iterator[str]:
    """References of the wrong form, never shown: what stands there may be the secret itself."""
    for name in ("client_id", "client_secret"):
        try:
            check_reference(getattr(choices.procore, name))
        except Refused:
            yield f", procore.{name}: is not a reference to a secret. {_REFERENCE}"


def _overlaps(vaults: Mapping[str, VaultChoices]) -> Iterator[str]:
    """A project belongs to at most one active vault, and one vault of a company takes the rest."""
    owners: dict[tuple[int, int | str], str] = {}
    for vault_id, choices in vaults.items():
        company = choices.procore.company_id
        listed = ("rest",) if choices.projects == "rest" else tuple(dict.fromkeys(choices.projects))
        for project in listed if choices.active else ():
            owner = owners.setdefault((company, project), vault_id)
            if owner != vault_id:
                what = "the rest of the projects" if project == "rest" else f"the project {project}"
                yield f"vault {vault_id}, projects: {what} already belongs to the vault {owner}. Choose one."


class _StrictLoader(yaml.SafeLoader):
    """Plain data only, and no key twice: YAML would silently take the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002  # PyYAML's signature
        """Build a mapping, refusing a key that is there already."""
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"{key.value} stands here twice", key.start_mark
                )
            seen.add(key.value)
        return super().construct_mapping(node, deep)


def _where(error: yaml.YAMLError) -> str:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        return f"line {error.problem_mark.line + 1}: {error.problem}"
    return "unreadable"
