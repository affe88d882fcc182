"""Why the benchmark cannot go on."""


class Failure(Exception):
    """The text says what is missing or went wrong."""
