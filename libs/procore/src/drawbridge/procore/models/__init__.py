"""What Procore's records look like to Drawbridge: absent, extra and null members are all tolerated."""
