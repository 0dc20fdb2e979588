"""Reading bills and payments from accounting systems."""
