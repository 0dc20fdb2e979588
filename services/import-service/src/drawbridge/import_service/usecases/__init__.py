"""What import-service does, one file for each verb; each owns its transactions."""
