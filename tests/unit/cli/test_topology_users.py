"""`drawbridge topology users`: a user for each service, and one for each outsider that is named."""

import json

import pytest
import respx
from typer.testing import CliRunner, Result

from drawbridge.cli.main import app

BROKER = "http://broker:15672"
USERS = ("gateway", "import-service", "cloud-service", "payment-backfiller", "clerk", "front-desk")


@pytest.fixture(autouse=True)
def _secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRAWBRIDGE_SECRET_BROKER_ADMIN_URL", BROKER)
    for user in USERS:
        name = user.upper().replace("-", "_")
        monkeypatch.setenv(f"DRAWBRIDGE_SECRET_{name}_BROKER_PASSWORD", f"password of {user}")


def _run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["topology", "users", *arguments])


@respx.mock
def test_outsiders_get_users_that_may_do_what_they_are_for() -> None:
    users = respx.put(url__regex=rf"{BROKER}/api/users/.+").respond(204)
    rights = respx.put(url__regex=rf"{BROKER}/api/permissions/.+").respond(204)
    done = _run("--consumer", "clerk", "--publisher", "front-desk")
    assert done.exit_code == 0, done.output
    made = {
        call.request.url.path.rpartition("/")[2]: json.loads(call.request.content) for call in users.calls
    }
    assert {name: body["password"] for name, body in made.items()} == {
        user: f"password of {user}" for user in USERS
    }
    may = {
        call.request.url.path.rpartition("/")[2]: json.loads(call.request.content) for call in rights.calls
    }
    assert may["clerk"] == {"configure": "^$", "write": "^$", "read": "^(outside\\.clerk)$"}
    assert may["front-desk"] == {"configure": "^$", "write": "^(drawbridge\\.public)$", "read": "^$"}


@respx.mock
@pytest.mark.parametrize("name", ["gateway", "clerk"])
def test_two_users_of_one_name_are_refused_before_anything_is_done(name: str) -> None:
    done = _run("--consumer", name, "--publisher", "clerk")
    assert done.exit_code == 1
    assert "Two of these users have one name" in done.stderr
    assert not respx.calls
