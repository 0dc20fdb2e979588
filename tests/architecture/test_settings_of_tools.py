"""The settings of linter and test runner that we rely on are in force."""

import subprocess
import sys
import tomllib

import pytest

from tests.architecture.rule import ROOT

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PLANTED = {
    "DTZ005": "from datetime import datetime\n\nprint(datetime.now())\n",
    "BLE001": "def f() -> None:\n    try:\n        f()\n    except Exception:\n        pass\n",
    "S105": 'password = "hunter2"\n',
    "RUF006": "import asyncio\n\n\nasync def f() -> None:\n    asyncio.create_task(f())\n",
    "ASYNC251": "import time\n\n\nasync def f() -> None:\n    time.sleep(1)\n",
}


@pytest.mark.parametrize("rule", PLANTED)
def test_the_linter_finds_a_planted_offender(rule: str) -> None:
    told = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--stdin-filename", "libs/planted/src/planted.py", "-"],
        input=PLANTED[rule],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    assert told.returncode == 1
    assert rule in told.stdout


def test_warnings_are_errors_and_all_async_tests_share_one_loop() -> None:
    settings = PYPROJECT["tool"]["pytest"]["ini_options"]
    assert settings["filterwarnings"][0] == "error"
    assert settings["asyncio_default_fixture_loop_scope"] == "session"
    assert settings["asyncio_default_test_loop_scope"] == "session"


def test_the_amqp_library_answers_a_cancel_of_the_broker() -> None:
    locked = {
        each["name"]: each["version"] for each in tomllib.loads((ROOT / "uv.lock").read_text())["package"]
    }
    numbers = {name: tuple(map(int, locked[name].split("."))) for name in ("aio-pika", "aiormq")}
    assert (10, 2) <= numbers["aio-pika"] < (11,)
    assert (7, 2, 4) <= numbers["aiormq"] < (8,)
