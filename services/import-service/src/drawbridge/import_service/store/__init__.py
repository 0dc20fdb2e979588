"""All SQL of import-service, one file for each subject.

Stored JSON is read tolerantly (``extra="ignore"``): a newer release may have written it during an upgrade.
"""
