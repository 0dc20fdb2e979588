"""The endpoints that Procore has and Drawbridge uses, one file per resource."""
