"""A client of the Procore REST API with typed outcomes."""
