"""Servers on demand, running processes and factories for tests, benchmarks and the demo."""
