"""The drawbridge command."""
