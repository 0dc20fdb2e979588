"""Random histories of a ledger and of Procore, and a payment-backfiller that lives through them."""
