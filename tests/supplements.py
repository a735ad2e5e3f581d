"""What tests of supplements share."""

from plumbline.errors import PlumblineError
from plumbline.supplement.verification import verify


def found(folder):
    """Return what is found wrong with a folder, also if that is all that can be said of it."""
    try:
        return verify(folder, None)
    except PlumblineError as error:
        return [str(error)]
