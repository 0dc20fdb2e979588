"""``drawbridge contracts``: the messages as a document."""

from pathlib import Path
from typing import Annotated, Any

import typer
import yaml

from drawbridge.cli.terminal import fail, out
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
    text = asyncapi_text()
    if check:
        found = file.read_text(encoding="utf-8") if file.is_file() else None
        if found != text:
            state = "does not exist" if found is None else "is not up to date"
            fail(f"{file} {state}. Write it anew: drawbridge contracts asyncapi --file {file}")
        out.print(f"{file} is up to date.")
        return
    if not file.parent.is_dir():
        fail(f"{file.parent} is no folder. Run the command in the project's root, or give --file.")
    file.write_text(text, encoding="utf-8")
    out.print(f"Wrote {file}.")


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
