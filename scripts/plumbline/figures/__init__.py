"""Figures: pictures of tables and products that can be read without their captions."""

from plumbline.figures.tables import _read_thinned, plot_table

__all__ = ["MOST_POINTS", "_read_thinned", "plot_table"]

# More points than these cannot be told apart on a page, and take minutes to draw.
MOST_POINTS = 20_000
