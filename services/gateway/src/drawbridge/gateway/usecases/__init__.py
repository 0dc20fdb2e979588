"""What the gateway does, one file for each thing; a use case owns its transaction."""
