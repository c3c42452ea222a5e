"""How do sixteen requests share one call of the model, and nobody waits for a batch?

A request that finds the model idle is answered at once, alone. Those that come while
it works wait in a queue, and the first of them then predicts for all of them. So the
batch grows with the load by itself: no timer, and no thread that looks for work.
(The idea is flat combining: Hendler, Incze, Shavit and Tzafrir, SPAA 2010.)
"""

from collections import Counter, deque
from collections.abc import Callable, Sequence
from itertools import accumulate
from threading import Lock
from typing import Any

import numpy as np

from lessonlib.errors import LessonError, Overloaded
from lessonlib.save.answers import Answers, answering, stages_of
from lessonlib.save.columns import join_tables
from lessonlib.serve.forks import in_each_child
from lessonlib.serve.predictors import FastPredictor


class _Request:
    def __init__(self, rows: Any):
        self.rows, self.leads = rows, False
        self.answers: Any = None
        self.error: Exception | None = None
        self.turn = Lock()
        self.turn.acquire()  # whoever releases it has an answer, or the lead

    @property
    def settled(self) -> bool:
        return self.answers is not None or self.error is not None


class MicroBatcher:
    """A `predict` that answers waiting callers together, and each with its own.

    Call it from many threads, with rows of shape (n, k), as you would call `predict`.
    A batch holds whole requests, up to `max_batch` rows, or one longer request alone.
    When `max_waiting` requests wait already, a caller gets Overloaded instead.
    """

    def __init__(
        self,
        predict: Callable[[Any], Any],
        *,
        max_batch: int = 64,
        max_waiting: int = 256,
        retry_after_s: float = 1.0,
    ):
        if max_batch < 1 or max_waiting < 0:
            limits = f"max_batch={max_batch} and max_waiting={max_waiting}"
            raise ValueError(f"a batch holds 1 row or more, got {limits}")
        self.predict, self.max_batch, self.max_waiting = predict, max_batch, max_waiting
        self.retry_after_s = retry_after_s
        self.__wrapped__ = predict  # who asks what kind of answers these are finds it
        self._begin()
        in_each_child(self._begin)  # nobody there waits for what callers here wait for

    def _begin(self) -> None:
        self._lock = Lock()  # held for a moment only, never while predict works
        self._busy = False
        self._waiting: deque[_Request] = deque()
        self._sizes: Counter[int] = Counter()

    def __call__(self, rows: Any) -> Any:
        """Return what `predict(rows)` returns. Raises what it raises, or Overloaded."""
        texts = isinstance(rows, list) and all(isinstance(each, str) for each in rows)
        mine = _Request(rows if texts or hasattr(rows, "dtypes") else np.asarray(rows))
        if not texts and mine.rows.ndim != 2:
            raise ValueError(f"rows must have shape (n, k), got {mine.rows.shape}")
        with self._lock:
            if self._busy and len(self._waiting) >= self.max_waiting:
                raise Overloaded(
                    f"{len(self._waiting)} requests wait for the model already; ask "
                    f"again in {self.retry_after_s:g} s",
                    retry_after_s=self.retry_after_s,
                )
            mine.leads, self._busy = not self._busy, True
            self._waiting.append(mine)
        try:
            if not mine.leads:
                mine.turn.acquire()
            if mine.leads:
                self._lead(mine)
        except BaseException:  # an interrupt: nobody may be left behind a leader gone
            self._leave(mine)
            raise
        if mine.error is not None:
            raise mine.error
        return mine.answers

    @property
    def sizes(self) -> dict[int, int]:
        """How many batches there were of each size in rows, the smallest first."""
        with self._lock:
            return dict(sorted(self._sizes.items()))

    def _lead(self, mine: _Request) -> None:
        with self._lock:
            batch = self._next_batch()
        try:
            self._answer(batch)
        finally:
            self._hand_over(mine, batch)

    def _next_batch(self) -> list[_Request]:
        batch = [self._waiting.popleft()]
        n = len(batch[0].rows)
        while self._waiting and self._joins(self._waiting[0].rows, batch[0].rows, n):
            batch.append(self._waiting.popleft())
            n += len(batch[-1].rows)
        self._sizes[n] += 1
        return batch

    def _joins(self, rows: Any, first: Any, n: int) -> bool:
        # others cannot be joined, or would be changed by it
        alike = np.shape(rows)[1:] == np.shape(first)[1:]
        alike = alike and _types(rows) == _types(first)
        return n + len(rows) <= self.max_batch and alike

    def _answer(self, batch: list[_Request]) -> None:
        """Predict for all at once; if that fails, for each alone: most are fine."""
        try:
            rows = [request.rows for request in batch]
            answers = self.predict(join_tables(rows))
            ends = np.cumsum([len(each) for each in rows])
            if len(answers) != ends[-1]:
                raise ValueError(f"{len(answers)} answers to {ends[-1]} rows")
            for request, end in zip(batch, ends, strict=True):
                request.answers = answers[end - len(request.rows) : end]
        except Exception as error:
            if len(batch) == 1:
                batch[0].error = error
                return
            for request in batch:
                self._answer([request])

    def _hand_over(self, mine: _Request, batch: list[_Request]) -> None:
        with self._lock:
            self._appoint()
        for request in batch:
            if not request.settled:  # only an interrupt gets here
                request.error = LessonError("the batch was interrupted; ask again")
            if request is not mine:
                request.turn.release()

    def _appoint(self) -> None:
        """Give the lead to the request that has waited longest. Hold the lock."""
        self._busy = bool(self._waiting)
        if self._waiting:
            self._waiting[0].leads = True
            self._waiting[0].turn.release()

    def _leave(self, mine: _Request) -> None:
        with self._lock:
            if mine in self._waiting:
                self._waiting.remove(mine)
                if mine.leads:
                    self._appoint()

    def __repr__(self) -> str:
        sizes = self.sizes
        n, rows = sum(sizes.values()), sum(size * sizes[size] for size in sizes)
        return f"{rows:,} rows in {n:,} batches, the largest of {max([0, *sizes])}"


def _types(table: Any) -> Any:
    if hasattr(table, "dtypes"):
        return table.dtypes.tolist()
    return getattr(table, "dtype", None)


class Apart:
    """Asks a model that minds its company: for each request alone.

    What a pipeline does before its last step is done for all of them at once, where the
    rows do not mind.
    """

    def __init__(self, ask: Callable[[Any], Answers], model: Any, rows: Any):
        self._transform, self._ask = None, ask
        transform, last = stages_of(model)
        if transform is not None and is_row_by_row(transform, rows):
            fast = FastPredictor.from_sklearn(last, transform(rows))
            self._transform, self._ask = (
                transform,
                fast if fast.path else answering(last),
            )

    def __call__(self, table: Any, sizes: Sequence[int]) -> Answers:
        """Return answers to the rows of requests with so many rows each."""
        if self._transform is not None:
            table = self._transform(table)
        parts = zip(sizes, accumulate(sizes), strict=True)
        return Answers.join([self._ask(table[end - n : end]) for n, end in parts])


def is_batch_invariant(predict: Any, rows: Any, *, max_batch: int = 64) -> bool:
    """Return whether `rows` get the same bits alone as in batches of many sizes.

    Forests do. Many other models add up in another order when more rows come, and so
    differ in their last bits. `rows`, shape (n, k), are repeated to fill the batches:
    of 2 to 17 rows, and then of those around multiples of 16, as processors have them.
    """
    return is_row_by_row(answering(predict), rows, max_batch=max_batch)


def is_row_by_row(
    function: Callable[[Any], Any], rows: Any, *, max_batch: int = 64
) -> bool:
    """Return whether `function` makes the same of a row alone as in batches."""
    crowd = join_tables([rows] * -(-max_batch // len(rows)))
    alone = [_bits(function(crowd[i : i + 1])) for i in range(len(rows))]
    sizes = {n for n in range(2, max_batch + 1) if n < 18 or n % 16 in (15, 0, 1)}
    return all(
        _bits(each[i : i + 1]) == alone[i % len(rows)]
        for n in sorted(sizes | {max_batch})
        for each in [function(crowd[:n])]
        for i in range(n)
    )


def _bits(part: Any) -> str:
    if isinstance(part, Answers):
        return repr(part.as_json())
    return repr(
        np.asarray(part.toarray() if hasattr(part, "toarray") else part).tolist()
    )
