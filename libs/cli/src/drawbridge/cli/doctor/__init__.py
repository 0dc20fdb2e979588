"""``drawbridge doctor``: asks a running installation how it is, one part of it a file."""
