"""Pure rules of payments: matching, payment state, what should stand in Procore and how to get there."""
