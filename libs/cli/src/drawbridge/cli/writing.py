"""Files that are written from the code, or checked against it."""

from pathlib import Path

from drawbridge.cli.terminal import fail, out


def write_or_check(file: Path, text: str, command: str, *, check: bool) -> None:
    """Write the file; with ``check`` only compare, and fail. ``command`` is what writes it."""
    if check:
        found = file.read_text(encoding="utf-8") if file.is_file() else None
        if found != text:
            state = "does not exist" if found is None else "is not up to date"
            fail(f"{file} {state}. Write it anew: {command} --file {file}")
        out.print(f"{file} is up to date.")
        return
    if not file.parent.is_dir():
        fail(f"{file.parent} is no folder. Run the command in the project's root, or give --file.")
    file.write_text(text, encoding="utf-8")
    out.print(f"Wrote {file}.")
