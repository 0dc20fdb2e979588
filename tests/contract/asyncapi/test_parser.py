"""The AsyncAPI initiative's own parser finds nothing wrong in the document, and finds what is."""

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml

from drawbridge.contracts.asyncapi import make_document
from tests.contract.asyncapi.validate.parser import Parsed, ParserUnavailable, install, parse
from tests.factories.compose import ROOT

PAGE = ROOT / "docs" / "asyncapi.yaml"


@pytest.fixture(scope="module")
def packages() -> Path:
    """The installed parser."""
    return install()


def _parsed(document: dict[str, Any], folder: Path, packages: Path) -> Parsed:
    path = folder / "asyncapi.yaml"
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    return parse(path, packages)


def test_the_parser_finds_nothing_and_reads_everything(packages: Path) -> None:
    parsed = parse(PAGE, packages)
    assert parsed.valid
    assert parsed.findings == []
    document = make_document()
    assert parsed.read == {
        "version": document["asyncapi"],
        "channels": list(document["channels"]),
        "operations": list(document["operations"]),
        "messages": list(document["components"]["messages"]),
    }


def test_the_parser_finds_a_reference_to_nothing(packages: Path, tmp_path: Path) -> None:
    document = copy.deepcopy(make_document())
    del document["components"]["schemas"]["InvoiceHeader"]
    assert not _parsed(document, tmp_path, packages).valid


def test_the_parser_finds_an_operation_on_a_channel_that_lacks_its_message(
    packages: Path, tmp_path: Path
) -> None:
    document = copy.deepcopy(make_document())
    document["channels"]["drawbridge.reprocess"]["messages"].popitem()
    assert not _parsed(document, tmp_path, packages).valid


def test_the_parser_finds_a_schema_that_is_none(packages: Path, tmp_path: Path) -> None:
    document = copy.deepcopy(make_document())
    document["components"]["schemas"]["ReprocessRequested"]["type"] = "record"
    assert not _parsed(document, tmp_path, packages).valid


def test_without_node_it_fails_with_one_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ParserUnavailable, match=r"There is no node on PATH, .* install Node\.js"):
        install(tmp_path)
