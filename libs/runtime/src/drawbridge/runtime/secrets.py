"""Secrets by reference: configuration names where a secret is, never what it is.

Two forms and nothing else, so that nobody who may edit a vault can name another secret of the machine:
``env:DRAWBRIDGE_SECRET_NAME`` is an environment variable, ``file:name`` a file in the one secrets folder
that ``DRAWBRIDGE_SECRETS_DIR`` names.
"""

import os
import re
from pathlib import Path

from pydantic import SecretStr

from drawbridge.contracts.errors import Refused

SECRETS_DIR = "DRAWBRIDGE_SECRETS_DIR"

_ENVIRONMENT = re.compile(r"env:(DRAWBRIDGE_SECRET_[A-Z0-9_]+)")
_FILE = re.compile(r"file:([A-Za-z0-9][A-Za-z0-9._-]*)")
_FORMS = "Write env:DRAWBRIDGE_SECRET_NAME, or file:name for a file in the secrets folder."


def check_reference(reference: str) -> None:
    """Check a reference's form only, for services that must not see the secret.

    Raises:
        Refused: ``secret_reference``, when it is neither of the two forms.
    """
    if not _ENVIRONMENT.fullmatch(reference) and not _FILE.fullmatch(reference):
        raise _refused("This is not a reference to a secret.", _FORMS)


def resolve_secret(reference: str) -> SecretStr:
    """Read the secret that a reference names; surrounding white space is not part of it.

    Raises:
        Refused: ``secret_reference``, when the form is wrong or nothing is there.
    """
    check_reference(reference)
    variable = _ENVIRONMENT.fullmatch(reference)
    value = _from_environment(variable[1]) if variable else _from_file(reference.removeprefix("file:"))
    if not value.strip():
        raise _refused(f"The secret {reference} is empty.", "Give it a value.")
    return SecretStr(value.strip())


def _from_environment(name: str) -> str:
    try:
        return os.environ[name]
    except KeyError:
        raise _refused(
            f"The environment variable {name} is not set for this service.", "Set it and start again."
        ) from None


def _from_file(name: str) -> str:
    folder = os.environ.get(SECRETS_DIR, "")
    if not folder:
        raise _refused(
            f"file:{name} needs the secrets folder.", f"Set {SECRETS_DIR} to the folder that holds the file."
        )
    root = Path(folder).resolve()
    path = (root / name).resolve()
    if not path.is_relative_to(root):
        raise _refused(
            f"file:{name} leads out of the secrets folder.", "Put the file itself into the folder."
        )
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise _refused(
            f"The secrets folder has no readable file {name}.",
            f"Put it into the folder that {SECRETS_DIR} names.",
        ) from None


def _refused(message: str, advice: str) -> Refused:
    return Refused("secret_reference", message, advice)
