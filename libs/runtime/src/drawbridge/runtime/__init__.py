"""Settings, logs, health, supervision and ordered shutdown shared by all processes."""
