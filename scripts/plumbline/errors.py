"""The error a user may meet: one sentence that says what happened and what to do."""


class PlumblineError(Exception):
    """A mistake or a failure that is told in one sentence, without a traceback."""


class RefusedError(PlumblineError):
    """An answer that no server in order gives: asking again would only give another."""
