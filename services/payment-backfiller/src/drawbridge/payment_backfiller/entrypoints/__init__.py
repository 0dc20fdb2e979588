"""From messages and work items to use cases."""
