"""The commands for operators, one file for each group."""
