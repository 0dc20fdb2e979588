"""The doors of import-service: messages in, work items to do."""
