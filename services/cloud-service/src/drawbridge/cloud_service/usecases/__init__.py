"""What cloud-service does, one file per verb; each works inside the transaction that it is given."""
