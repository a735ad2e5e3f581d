"""Figures: pictures of tables and products that can be read without their captions."""

# More points than these cannot be told apart on a page, and take minutes to draw.
MOST_POINTS = 20_000
