"""Where the outside comes in: HTTP requests and messages become use case calls."""
