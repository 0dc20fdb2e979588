"""The only public HTTP door of Drawbridge."""
