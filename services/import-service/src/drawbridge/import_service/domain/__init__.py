"""Pure rules of importing: no I/O and no clock; callers pass ``now``."""
