"""Progress billing arithmetic: how a commitment's lines become an invoice that ties to the cent."""
