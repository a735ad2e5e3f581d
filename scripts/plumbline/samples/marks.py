"""How a direction is told from other variables: to the bin step, and in metadata.

Apart from what is reckoned with them, for the configuration has no need of numpy.
"""

from collections.abc import Iterable

# Behind a variable's name.
MARK = ":direction"
# Name and value that the metadata of a table of directions have, and those of no other.
STATISTICS, DIRECTIONS = "statistics", "of directions, as vectors of length 1"


def marked(variables: Iterable[str], directions: set[str]) -> list[str]:
    """Return variables as the bin step takes them: a direction has `MARK` behind its name."""
    return [name + MARK if name in directions else name for name in variables]


def unmarked(variables: Iterable[str]) -> tuple[list[str], set[str]]:
    """Return the names of variables that may be marked, and which of them are directions."""
    variables = list(variables)
    directions = {name.removesuffix(MARK) for name in variables if name.endswith(MARK)}
    return [name.removesuffix(MARK) for name in variables], directions
