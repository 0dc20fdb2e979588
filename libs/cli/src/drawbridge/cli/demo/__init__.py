"""The demo: the whole road on real servers, told to a construction person."""
