"""All SQL of import-service, one file for each subject."""
