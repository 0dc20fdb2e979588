import os
import signal
from pathlib import Path

from drawbridge.testkit.leftovers import Child, remove_folder, throwaway_folder


def test_a_child_is_asked_first_and_its_exit_code_is_told(tmp_path: Path) -> None:
    script = "trap 'exit 7' TERM; echo up; while :; do sleep 0.05; done"
    child = Child(["/bin/sh", "-c", script], env={"PATH": os.defpath}, log=tmp_path / "log")
    while "up" not in child.log_tail():
        assert child.exit_code is None
    assert child.end(signal.SIGTERM) == 7


def test_a_child_that_does_not_listen_is_killed_with_its_whole_group(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    script = "trap '' TERM; exec 3>pipe; sleep 60 & echo up; wait; wait"
    child = Child(["/bin/sh", "-c", script], env={"PATH": os.defpath}, log=tmp_path / "log", cwd=tmp_path)
    while "up" not in child.log_tail():
        assert child.exit_code is None
    assert child.end(signal.SIGTERM, patience=0.2) == -signal.SIGKILL
    os.set_blocking(reader, True)
    assert os.read(reader, 1) == b"", "the pipe ends when nobody of the group holds it any more"
    os.close(reader)


def test_ending_a_child_twice_is_harmless(tmp_path: Path) -> None:
    child = Child(["/bin/true"], env={}, log=tmp_path / "log")
    assert child.end() in {0, -signal.SIGKILL}
    assert child.end() == child.exit_code


def test_a_throwaway_folder_is_private_and_can_be_removed_early() -> None:
    folder = throwaway_folder("test")
    assert folder.stat().st_mode & 0o077 == 0
    (folder / "file").write_text("x")
    remove_folder(folder)
    assert not folder.exists()
