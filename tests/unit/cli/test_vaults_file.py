"""What is wrong in a file of vaults is said in one sentence that names file, vault, setting and advice."""

from pathlib import Path

import pytest

from drawbridge.cli.vaults_file import VaultsFileError, read_vaults

PROCORE = "procore: {company_id: 7, client_id: env:DRAWBRIDGE_SECRET_A, client_secret: file:app-secret}"


def _file(folder: Path, text: str) -> Path:
    path = folder / "vaults.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def _refused(folder: Path, text: str) -> list[str]:
    with pytest.raises(VaultsFileError) as caught:
        read_vaults(_file(folder, text))
    return [sentence.removeprefix(f"{folder / 'vaults.yaml'}") for sentence in caught.value.sentences]


def test_a_good_file_is_read_and_managed_by_the_file(tmp_path: Path) -> None:
    text = f"vaults:\n  main: {{name: Main, projects: [1, 2], import_from: 2026-01-01, {PROCORE}}}\n"
    main = read_vaults(_file(tmp_path, text))["main"]
    assert (main.name, main.projects, main.managed_by) == ("Main", (1, 2), "file")


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (
            "automated_import: sometimes",
            "automated_import: 'sometimes' is unknown. Write none, queue or invoice.",
        ),
        ("automatic: yes", "automatic: is no setting of a vault. Correct it, then apply again."),
        (
            "projects: all",
            "projects: input should be a valid tuple. Write rest, or a list of Procore project ids.",
        ),
        (
            "accepted_statuses: [draft]",
            (
                "accepted_statuses: 'draft' is unknown. "
                "List approved, approved_as_noted or pending_owner_approval."
            ),
        ),
    ],
)
def test_a_wrong_setting_is_named_with_what_to_write(tmp_path: Path, line: str, sentence: str) -> None:
    text = f"vaults:\n  main:\n    name: Main\n    {PROCORE}\n    {line}\n"
    assert _refused(tmp_path, text) == [f", vault main, {sentence}"]


def test_a_vault_without_company_is_refused(tmp_path: Path) -> None:
    text = "vaults: {main: {name: Main, procore: {client_id: file:a, client_secret: file:b}}}"
    assert _refused(tmp_path, text) == [
        ", vault main, procore.company_id: is missing. Write the Procore company's id, a whole number."
    ]


def test_a_secret_in_the_place_of_a_reference_is_refused_and_never_shown(tmp_path: Path) -> None:
    text = "vaults: {main: {name: Main, procore: {company_id: 7, client_id: file:a, client_secret: hunter2}}}"
    (sentence,) = _refused(tmp_path, text)
    assert sentence.startswith(", vault main, procore.client_secret: is not a reference to a secret.")
    assert "hunter2" not in sentence


def test_a_project_in_two_vaults_is_refused(tmp_path: Path) -> None:
    vault = f"{{name: Main, projects: [1, 2], {PROCORE}}}"
    text = f"vaults:\n  east: {vault}\n  west: {vault}\n"
    assert _refused(tmp_path, text) == [
        ", vault west, projects: the project 1 already belongs to the vault east. Choose one.",
        ", vault west, projects: the project 2 already belongs to the vault east. Choose one.",
    ]


def test_a_deactivated_vault_holds_no_project(tmp_path: Path) -> None:
    text = f"vaults:\n  east: {{name: E, active: false, {PROCORE}}}\n  west: {{name: W, {PROCORE}}}\n"
    assert set(read_vaults(_file(tmp_path, text))) == {"east", "west"}


def test_two_vaults_of_a_company_cannot_both_take_the_rest(tmp_path: Path) -> None:
    text = f"vaults:\n  east: {{name: E, {PROCORE}}}\n  west: {{name: W, {PROCORE}}}\n"
    assert _refused(tmp_path, text) == [
        ", vault west, projects: the rest of the projects already belongs to the vault east. Choose one."
    ]


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("vaults:\n  main: {}\n  main: {}\n", ": is not YAML (line 3: main stands here twice)."),
        ("vaults: [", ": is not YAML (line 1:"),
        ("main: {}", ": has no vaults."),
        ("", ": has no vaults."),
        ("vaults: {Main Office: {}}", ", vault Main Office: is no vault id."),
        ("vaults: {main: }", ", vault main: has no settings."),
    ],
)
def test_a_file_of_the_wrong_shape_is_refused(tmp_path: Path, text: str, start: str) -> None:
    (sentence,) = _refused(tmp_path, text)
    assert sentence.startswith(start)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(VaultsFileError) as caught:
        read_vaults(tmp_path / "none.yaml")
    assert caught.value.sentences == [
        f"{tmp_path / 'none.yaml'}: cannot be read (No such file or directory). Check its name."
    ]
