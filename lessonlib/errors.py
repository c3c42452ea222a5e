"""What can a caller catch?

A wrong argument is a plain ValueError or TypeError. A state of the world that a caller
may want to handle is one of these:

    LessonError
     |- ArtifactError    a saved model is missing, damaged, or from another environment
     |- ServerError      a server could not start, or its port is taken
     |- ClaimError       a sentence of the lesson does not hold on this computer
"""


class LessonError(Exception):
    """Every error of this library that is not the caller's wrong argument."""


class ArtifactError(LessonError):
    """A saved model is missing, damaged, or was made by other library versions."""


class ServerError(LessonError):
    """A server could not start."""


class ClaimError(LessonError):
    """A sentence of the lesson does not hold on this computer."""
