"""What the API loads before it serves, because idle memory is mostly libraries (ADR 0025)."""

import subprocess
import sys

WIRING = "drawbridge.gateway.wiring_api"
UNUSED = {"aio_pika", "alembic", "cryptography", "httpx", "jwt", "opentelemetry.sdk"}
"""What it goes without until somebody asks for it: messages, migrations, tokens and traces."""


def test_the_api_carries_no_library_that_it_does_not_use() -> None:
    program = f"import sys, {WIRING}; print(*sys.modules)"
    done = subprocess.run(  # noqa: S603  # our own argument list, no shell
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.split())
    assert WIRING in loaded
    assert not UNUSED & loaded
