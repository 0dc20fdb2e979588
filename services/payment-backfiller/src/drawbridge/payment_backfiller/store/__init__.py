"""The rows of the schema ``payments`` and all SQL of the service."""
