"""Text from a server, made fit for one cell of a table."""

import unicodedata

LONGEST = 200


def plain(value: object, longest: int = LONGEST) -> str:
    """Return what a server wrote as one line of visible characters, shortened.

    Parameters
    ----------
    value : object
        Anything that JSON can hold; what is neither text nor a number gives "".
    longest : int
        How many characters at the most.
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    # Control characters, lone surrogates, marks that turn the direction of writing, and every kind of space.
    visible = "".join(
        " " if unicodedata.category(character)[0] in "CZ" else character for character in str(value)[: 20 * longest]
    )
    line = " ".join(visible.split())
    return line if len(line) <= longest else line[: longest - 3].rstrip() + "..."
