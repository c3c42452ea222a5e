"""Wrong services and wrong ways back in notebook 11, and what to tell."""

from lessonlib.checks import Mistake
from lessonlib.friday.office import too_faint
from lessonlib.serve.contract import prediction_app
from lessonlib.serve.validation import BadRequest

# -- back


def _newest_other(history):
    versions = dict.fromkeys(version for _, version in history)  # by their first day
    return [version for version in versions if version != history[-1][1]][-1]


BACK = (
    Mistake(
        "the first of all",
        "this always goes back to the first version. That may be years old: which one "
        "served just before the current one?",
        lambda history: history[0][1],
    ),
    Mistake(
        "the line before",
        "the line before the last names the version that was just taken away, if the "
        "last line is a rollback. Follow the history from its beginning",
        lambda history: history[-2][1],
    ),
    Mistake(
        "the newest other",
        "the newest version that is not current may be the very one that was rolled "
        "back because it was bad. Follow the history from its beginning",
        _newest_other,
    ),
    Mistake(
        "where it is now",
        "that is the version that serves already. A rollback brings back the one "
        "before",
        lambda history: history[-1][1],
    ),
)

# -- service


def _guarded(model, error):
    def predict(rows):
        if too_faint(rows).any():
            raise error
        return model(rows)

    return predict


_REFUSAL = BadRequest(422, "not_a_card", "a card has no dark pixel")


def _service(*, error=_REFUSAL, guarded=True, keeps=("log", "monitor"), max_rows=20):
    def service(model, log, monitor):
        predict = _guarded(model, error) if guarded else model
        given = {"log": log, "monitor": monitor}
        kept = {name: given[name] for name in keeps}
        manifest = model.manifest
        return prediction_app(predict, manifest=manifest, max_rows=max_rows, **kept)

    return service


SERVICE = (
    Mistake(
        "only the model",
        "this is the app of notebook 03: it answers, and remembers nothing. Nobody can "
        "hand in a label, refuse a pile or look at the counts",
        lambda model, log, monitor: prediction_app(model),
    ),
    Mistake(
        "no guard",
        "faint cards are answered: each of their pixels is within its limits. A rule "
        "for whole cards has to come before the model",
        _service(guarded=False),
    ),
    Mistake(
        "the guard is a crash",
        "a faint card ends in status 500, as if the server had failed. It is the "
        "client's mistake: raise BadRequest with a 422",
        _service(error=ValueError("too faint")),
    ),
    Mistake(
        "piles are welcome",
        "a request with thirty cards is answered, and with it an archive of hundreds. "
        "How many cards a request does prediction_app allow, and how is it told?",
        _service(max_rows=1000),
    ),
    Mistake(
        "no log",
        "labels get a 404, as there is no log to write them to, and without labels "
        "nobody will notice the new camera",
        _service(keeps=["monitor"]),
    ),
    Mistake(
        "no monitor",
        "GET /metrics gets a 404: nothing is counted, so the archive job would stay "
        "unseen",
        _service(keeps=["log"]),
    ),
)
