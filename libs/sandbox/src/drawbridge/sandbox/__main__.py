"""``python -m drawbridge.sandbox``: the same as the ``drawbridge-sandbox`` command."""

from drawbridge.sandbox.main import app

app()
