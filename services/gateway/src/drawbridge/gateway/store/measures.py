"""What the gateway counts of its own rows."""

from drawbridge.persistence import Measure
from drawbridge.runtime.metrics import PARKED

MEASURES = (Measure(PARKED, "SELECT queue, count(*) FROM parked WHERE state = 'parked' GROUP BY queue"),)
