"""``/control``: what a Procore user does, what goes wrong, and what the double saw. Not part of Procore."""
