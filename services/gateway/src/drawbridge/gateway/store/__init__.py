"""The tables of the schema ``gateway`` and all SQL on them, one file for each subject."""
