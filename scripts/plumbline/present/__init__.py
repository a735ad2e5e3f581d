"""A look at the present: the newest minutes of the configured streams, of which nothing is kept."""
