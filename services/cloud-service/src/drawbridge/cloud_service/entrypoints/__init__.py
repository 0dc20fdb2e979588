"""Where messages and work items enter cloud-service."""
