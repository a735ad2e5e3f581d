"""The error a user may meet: one sentence that says what happened and what to do."""


class PlumblineError(Exception):
    """A mistake or a failure that is told in one sentence, without a traceback."""
