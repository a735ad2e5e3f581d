"""What accounts for every sample: counts of each day, and gaps with their reasons."""
