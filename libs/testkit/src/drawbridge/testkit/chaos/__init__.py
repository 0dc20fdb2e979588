"""Chaos: a seeded workload, seeded faults, and a checker that counts what the promises say."""
