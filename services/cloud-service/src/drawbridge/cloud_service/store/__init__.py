"""All tables and all SQL of cloud-service, one file per subject."""
