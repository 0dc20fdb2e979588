"""The made-up company that the double starts with: the same for the same seed and day."""
