"""One file for each thing that the service does, named by a verb; each owns its transactions."""
