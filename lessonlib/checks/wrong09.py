"""Wrong answers to the exercises of notebook 09, and what to tell who gives them."""

from lessonlib.checks import Mistake

# -- latest


def _labels(predictions, messages, *, keep=lambda old, new: new, strangers=False):
    """The right answer, if `messages` are in order; each mistake changes a part."""
    found = {} if strangers else dict.fromkeys(predictions)
    for _, name, label in messages:
        if strangers or name in predictions:
            old = found.get(name)
            found[name] = label if old is None else keep(old, label)
    return found


def _with_strangers(predictions, messages):
    known = _labels(predictions, sorted(messages), strangers=True)
    return dict.fromkeys(predictions) | known


def _labelled_only(predictions, messages):
    found = _labels(predictions, sorted(messages))
    return {name: label for name, label in found.items() if label is not None}


def _unlabelled_as_predicted(predictions, messages):
    found = _labels(predictions, sorted(messages))
    return {name: predictions[name] if x is None else x for name, x in found.items()}


LATEST = (
    Mistake(
        "all that is known",
        "these are the labels that are known, of whomever. The ids of `predictions` "
        "have to come out, each of them: with None where no label came, and no others",
        lambda p, m: {name: label for _, name, label in sorted(m)},
    ),
    Mistake(
        "list order",
        "the last message of the *list* counts here, but messages may lie in any "
        "order. Each says on which day it came",
        _labels,
    ),
    Mistake(
        "first counts",
        "the first message counts here, so a clerk can never correct a slip. Which one "
        "should win if there are two?",
        lambda p, m: _labels(p, sorted(m), keep=lambda old, new: old),
    ),
    Mistake(
        "strangers let in",
        "there are ids in the answer that nobody predicted. What came for another "
        "office is to be reported, but it is no row of this join",
        _with_strangers,
    ),
    Mistake(
        "unlabelled dropped",
        "predictions without a label are gone. As many have to come out as went in: "
        "else nobody sees how many are not known yet",
        _labelled_only,
    ),
    Mistake(
        "unlabelled taken as right",
        "where no label came, the prediction itself was put in. Then the model is "
        "right wherever nobody looked. What stands for 'not known'?",
        _unlabelled_as_predicted,
    ),
)


# -- weekly


def _weekly(parcels, today, delay, *, day=lambda made, came: made, leak=False, **how):
    """The right answer; each mistake replaces a part of it."""
    weeks = {}
    for made, right, came in parcels:
        known = came is not None and (leak or came <= today)
        weeks.setdefault(day(made, came) // 7, []).append((right, known))
    told = {}
    for week, found in weeks.items():
        labelled = [right for right, known in found if known]
        base = how.get("base", lambda found, labelled: labelled)(found, labelled)
        end = 7 * (week + how.get("ends", 1))
        mature = end + delay <= today or how.get("always", False)
        share = sum(base) / len(base) if mature and base else None
        told[week] = (share, how.get("cover", len(labelled) / len(found)))
    return told


def _by_label(parcels, today, delay):
    return _weekly(
        parcels, today, delay, day=lambda made, came: made if came is None else came
    )


WEEKLY = (
    Mistake(
        "by label time",
        "these are weeks in which the *labels* came. Bad news travels slowly, so the "
        "errors of one week would be charged to the next. Which day does the model "
        "answer for?",
        _by_label,
    ),
    Mistake(
        "unlabelled counted right",
        "a parcel without a label was counted as it really was, or as right. The "
        "office does not know: over whom may the accuracy be taken?",
        lambda *given: _weekly(
            *given, base=lambda found, _: [right or not known for right, known in found]
        ),
    ),
    Mistake(
        "unlabelled counted wrong",
        "the right ones were divided by *all* parcels, so one without a label counts "
        "as wrong. Which number belongs below the line?",
        lambda *given: _weekly(
            *given,
            base=lambda found, _: [right and known for right, known in found],
        ),
    ),
    Mistake(
        "too early",
        "a week has an accuracy although its labels have not had time to come. What "
        "does the office see of a week on its last evening?",
        lambda *given: _weekly(*given, always=True),
    ),
    Mistake(
        "leak",
        "a label that comes after today was used, so the past knows its future. Which "
        "labels are there on the day `today`?",
        lambda *given: _weekly(*given, leak=True),
    ),
    Mistake(
        "from the week's start",
        "the delay was counted from the beginning of the week. A parcel of its last "
        "day has had a week less by then: from when must `delay` days have passed?",
        lambda *given: _weekly(*given, ends=0),
    ),
)


# -- weigh

WEIGH = (
    Mistake(
        "unweighted",
        "this is the plain share of the checked cards, and most of these come from the "
        "queue of doubtful ones. For how many cards does each of them speak?",
        lambda right, chance: right.mean(),
    ),
    Mistake(
        "weights upside down",
        "the weights are the chances themselves. So the rare ones count least, while "
        "each of them has to speak for many",
        lambda right, chance: (chance * right).sum() / chance.sum(),
    ),
    Mistake(
        "divided by the checked",
        "the weights are right, but the sum was divided by the number of checked "
        "cards, and more than 1 comes out. For how many cards do they speak in all?",
        lambda right, chance: (right / chance).mean(),
    ),
    Mistake(
        "squared",
        "the weights went in twice. One over the chance, once for each card, is enough",
        lambda right, chance: (right / chance**2).sum() / (1 / chance**2).sum(),
    ),
    Mistake(
        "the likely ones only",
        "only the cards with the highest chance were used. They were checked because "
        "they are doubtful: what do you learn of the others from them?",
        lambda right, chance: right[chance == chance.max()].mean(),
    ),
)
