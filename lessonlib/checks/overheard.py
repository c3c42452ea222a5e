"""What went wrong inside an app that only answers with status 500?"""

import contextlib
import logging
from collections.abc import Iterator
from typing import Any

from flask import Flask, got_request_exception
from werkzeug.test import Client

from lessonlib.checks.raised import in_words


class Overheard(Client):
    """A client of an app in this process. It hears what the app keeps to itself."""

    failure = ""  # the exception of the last request, and the learner's line

    def open(self, *args: Any, **kwargs: Any) -> Any:
        self.failure = ""
        with self._listening():
            return super().open(*args, **kwargs)

    @contextlib.contextmanager
    def _listening(self) -> Iterator[None]:
        if not isinstance(self.application, Flask):
            yield
            return
        log = self.application.logger
        log.addFilter(self._logged)
        try:
            with got_request_exception.connected_to(self._raised, self.application):
                yield
        finally:
            log.removeFilter(self._logged)

    def _raised(self, app: Any, exception: BaseException) -> None:
        self.failure = in_words(exception)

    def _logged(self, record: logging.LogRecord) -> bool:
        """Keep the exception, and keep the line out of the learner's cell."""
        if record.exc_info and record.exc_info[1]:
            self._raised(self.application, record.exc_info[1])
        return False
