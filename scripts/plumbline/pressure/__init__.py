"""A station's pressure, read from its bins piece by piece, and the products that touch every bin."""
