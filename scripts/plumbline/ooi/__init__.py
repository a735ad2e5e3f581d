"""What talks to the Ocean Observatories Initiative: names, credentials, orders, results."""
