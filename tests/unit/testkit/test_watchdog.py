import io
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from drawbridge.testkit.watchdog import end_groups, follow


def _sleeper() -> subprocess.Popen[bytes]:
    return subprocess.Popen(["/bin/sleep", "60"], start_new_session=True)


def test_orders_are_remembered_until_they_are_taken_back() -> None:
    orders = io.StringIO(
        '{"watch": 7, "signal": 3}\n{"watch": 8, "signal": 9}\n{"forget": 8}\n'
        '{"folder": "/a"}\n{"folder": "/b"}\n{"forget_folder": "/b"}\n'
        '{"container": "c1", "socket": "/s"}\n{"container": "c2", "socket": "/s"}\n'
        '{"forget_container": "c2"}\n'
    )
    left = follow(orders)
    assert (left.groups, left.folders, left.containers) == ({7: 3}, {"/a"}, {"c1": "/s"})


def test_a_group_that_is_left_is_ended_with_its_own_signal(monkeypatch: pytest.MonkeyPatch) -> None:
    # Nobody but this test can reap its child, so the watchdog sees the group until its patience ends.
    monkeypatch.setattr("drawbridge.testkit.watchdog._PATIENCE", 0.5)
    sleeper = _sleeper()
    end_groups({sleeper.pid: signal.SIGUSR1})  # SIGQUIT is ignored below a shell's background job
    assert sleeper.wait(5) == -signal.SIGUSR1


def test_a_group_that_is_already_gone_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("drawbridge.testkit.watchdog._PATIENCE", 60)
    sleeper = _sleeper()
    sleeper.kill()
    sleeper.wait()
    started = time.monotonic()
    end_groups({sleeper.pid: signal.SIGTERM})
    assert time.monotonic() - started < 30, "nobody waits for what is gone"


_OWNER = """
import os, signal, sys
from pathlib import Path
from drawbridge.testkit.leftovers import Child, throwaway_folder
folder = throwaway_folder("watchdog-test")
child = Child(["/bin/sleep", "60"], env={}, log=folder / "log")
print(child.pid, folder, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def _runs(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_a_killed_owner_leaves_no_process_and_no_folder() -> None:
    owner = subprocess.run(  # noqa: S603 - the script above
        [sys.executable, "-c", _OWNER], capture_output=True, text=True, check=False
    )
    assert owner.returncode == -signal.SIGKILL
    pid, folder = owner.stdout.split()
    deadline = time.monotonic() + 10
    while (_runs(int(pid)) or Path(folder).exists()) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not _runs(int(pid))
    assert not Path(folder).exists()
