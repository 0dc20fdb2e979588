"""A Procore double and a sample ledger to try Drawbridge with."""
