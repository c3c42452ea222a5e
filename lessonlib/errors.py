"""What can a caller catch?

A wrong argument is a plain ValueError or TypeError. A state of the world that a caller
may want to handle is one of these:

    LessonError
     |- ArtifactError    a saved model is missing, damaged, or from another environment
     |- ServerError      a server could not start, or its port is taken
     |- Overloaded       a server has more to do than it can: come back later
     |- LogUnavailable   a log cannot be written now: locked, full, or out of reach
     |- KeysUnavailable  the file of keys is missing or damaged: nobody is let in
     |- FeedbackError    a label for a prediction that nobody has made
     |- ClaimError       a sentence of the lesson does not hold on this computer
"""


class LessonError(Exception):
    """Every error of this library that is not the caller's wrong argument."""


class ArtifactError(LessonError):
    """A saved model is missing, damaged, or was made by other library versions."""


class ServerError(LessonError):
    """A server could not start."""


class Overloaded(LessonError):
    """A server has more to do than it can. Ask again after `retry_after_s` seconds."""

    def __init__(self, message: str, *, retry_after_s: float = 1.0):
        super().__init__(message)
        self.retry_after_s = retry_after_s


class LogUnavailable(LessonError):
    """A log cannot be written now. Nothing of what was handed over has been kept."""


class KeysUnavailable(LessonError):
    """The file of keys cannot be read, or is damaged. Nobody is let in meanwhile."""


class FeedbackError(LessonError):
    """A label came for a prediction that nobody has made."""


class ClaimError(LessonError):
    """A sentence of the lesson does not hold on this computer."""
