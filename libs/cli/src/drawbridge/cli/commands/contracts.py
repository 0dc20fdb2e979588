"""``drawbridge contracts``: the messages as a document."""

from pathlib import Path
from typing import Annotated, Any

import typer
import yaml

from drawbridge.cli.writing import write_or_check
from drawbridge.contracts.asyncapi import make_document

PAGE = Path("docs/asyncapi.yaml")
_HEAD = "# Written by `drawbridge contracts asyncapi` from the code. Do not edit.\n"

app = typer.Typer(help="Messages, exchanges and queues as a document.", no_args_is_help=True)


@app.callback()
def group() -> None:
    """Messages, exchanges and queues as a document."""


@app.command("asyncapi")
def write_asyncapi(
    file: Annotated[Path, typer.Option(help="The file to write or to check.")] = PAGE,
    *,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; fail when the file is not up to date.")
    ] = False,
) -> None:
    """Write the AsyncAPI 3 document of all messages."""
    write_or_check(file, asyncapi_text(), "drawbridge contracts asyncapi", check=check)


def asyncapi_text() -> str:
    """The document as YAML."""
    return _HEAD + yaml.dump(
        make_document(), Dumper=_Readable, sort_keys=False, allow_unicode=True, width=110
    )


class _Readable(yaml.SafeDumper):
    """YAML without references, and with longer texts as they are."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ANN401, ARG002  # PyYAML's own signature
        """Always: what is the same is written twice."""
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Readable.add_representer(str, _text)
