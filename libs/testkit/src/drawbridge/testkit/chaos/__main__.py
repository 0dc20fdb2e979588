"""See `drawbridge.testkit.chaos.command`."""

from drawbridge.testkit.chaos.command import app

app()
