"""How the commands speak: tables on standard output, one sentence for each error on standard error."""

import json
import os
from collections.abc import Iterable
from typing import Annotated, NoReturn

import typer
from pydantic import SecretStr
from rich.console import Console

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)

VaultArgument = Annotated[str, typer.Argument(help="The vault's id.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for machines instead of a table.")]


def print_json(document: object) -> None:
    """Print a document for machines."""
    typer.echo(json.dumps(document, ensure_ascii=False, indent=2))


def fail(*sentences: str) -> NoReturn:
    """Print the sentences and end with exit code 1."""
    say_errors(sentences)
    raise typer.Exit(1)


def say_errors(sentences: Iterable[str]) -> None:
    """Print errors, one a line, without ending."""
    for sentence in sentences:
        err.print(sentence, style="red", markup=False, soft_wrap=True)


def secret_from(variable: str, purpose: str) -> SecretStr:
    """The value of an environment variable that holds a secret.

    Raises:
        typer.Exit: with a sentence, when it is not set.
    """
    value = os.environ.get(variable, "")
    if not value:
        fail(f"{variable} is not set: set it to {purpose}.")
    return SecretStr(value)
