"""Container recipe, the sandbox's files, and the script that writes the table of settings."""
