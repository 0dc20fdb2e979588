"""The rules of cloud-service: pure, without I/O or clock."""
