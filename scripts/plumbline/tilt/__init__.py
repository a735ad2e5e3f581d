"""From the bins of a tiltmeter to tables of its tilt."""
