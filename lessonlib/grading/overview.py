"""The class at a glance: one page for the instructor, whole in itself."""

import base64
import io
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lessonlib.errors import LessonError
from lessonlib.grading.outputs import read_graded
from lessonlib.grading.student_page import clean, report_name

if TYPE_CHECKING:  # nothing but this page needs them
    from jinja2 import Template
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_ROWS = 50  # of a table: the CSV files have all
KINDS = ("passed", "partly", "failed", "not attempted", "stopped")
_COLOURS = ("#1b6ca8", "#86bbd8", "#f2b134", "#d9d9d9", "#9a3b12")  # and by their order
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>The class at a glance</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60em; margin: 2em auto;
       padding: 0 1em; color: #222; overflow-wrap: anywhere; }
h2 { margin: 2em 0 .3em; } h3 { margin: 1.4em 0 .3em; font-size: 1.05em; }
img { width: 100%; max-width: 54em; height: auto; }
table { border-collapse: collapse; } td, th { text-align: left; vertical-align: top;
       padding: .25em .9em .25em 0; border-bottom: 1px solid #ddd; }
th, td.n { white-space: nowrap; } td.n { text-align: right; }
.small { color: #555; }
</style></head><body>
<h1>The class at a glance</h1>
{% for a in assignments %}
<h2>{{ a.name.replace("_", " ") }}</h2>
<p>{{ a.n }} graded, the median has {{ "%g" % a.median }} of {{ "%g" % a.out_of }}
points{% if a.waiting %}; {{ a.waiting }} wait for a human, who gives up to
{{ "%g" % a.by_hand }} more (manual.csv){% endif %}. Sandbox: {{ a.isolation }}.</p>
{% for picture in a.pictures %}
<img alt="{{ picture.words }}" src="data:image/png;base64,{{ picture.data }}">
{% endfor %}
<h3>Which mistakes were made?</h3>
{% if a.mistakes %}<table>
<tr><th>made by</th><th>question</th><th>what they were told</th></tr>
{% for m in a.mistakes %}
<tr><td class="n">{{ m.n }} of {{ a.n }}</td><td>{{ m.title }}</td>
<td>{{ m.message }}</td></tr>
{% endfor %}</table>
{% else %}<p>None that the checks know by name.</p>{% endif %}
{% for title, rows in a.tables %}{% if rows %}
<h3>{{ title }}</h3><table>
{% for row in rows[:most] %}
<tr><td><a href="reports/{{ row.page }}">{{ row.student }}</a></td>
<td>{{ row.what }}</td></tr>
{% endfor %}</table>
{% if rows | length > most %}<p class="small">And {{ rows | length - most }} more: see
questions.csv and the pages in reports/.</p>{% endif %}
{% endif %}{% endfor %}
{% endfor %}
</body></html>
"""


def write_overview(out: Path) -> Path:
    """Write class.html into the folder of results `out`, and return its path.

    Raises LessonError if nothing has been graded there.
    """
    results = read_graded(out)
    if not results:
        raise LessonError(f"{out} has no results: run `grade ... --out {out}` first")
    by_name = defaultdict(list)
    for result in results:
        by_name[result["assignment"] or "none of the notebooks"].append(result)
    assignments = [_assignment(name, by_name[name]) for name in sorted(by_name)]
    path = out / "class.html"
    page = _template().render(assignments=assignments, most=MOST_ROWS)
    path.write_text(page, encoding="utf-8")
    return path


def kind_of(question: Mapping[str, Any]) -> str:
    """Return how far a question was done, as one of KINDS."""
    return question["status"] if question["status"] in KINDS else "stopped"


def count_mistakes(results: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the named mistakes of an assignment, the most frequent first."""
    asked = [q for result in results for q in result["questions"] if q["mistake"]]
    example = {(q["id"], q["mistake"]): q for q in asked}
    counted = Counter((q["id"], q["mistake"]) for q in asked)
    return [
        {"n": n, **{name: example[key][name] for name in ("title", "message")}}
        for key, n in counted.most_common()
    ]


def _assignment(name: str, results: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    read = [result for result in results if not result["problem"]]
    scores = sorted(result["raw_score"] for result in read) or [0]
    by_hand = sum(m["points"] for m in read[0]["manual"]) if read else 0
    waiting = sum(any(m["given"] is None for m in r["manual"]) for r in read)
    nobody_read = waiting and waiting == len(read)
    out_of = (read[0]["max_score"] if read else 0) - (by_hand if nobody_read else 0)
    return {
        "name": name, "n": len(read), "out_of": out_of, "by_hand": by_hand,
        "waiting": waiting,
        "median": scores[len(scores) // 2],
        "isolation": ", or ".join(
            sorted({r["limits"]["isolation"] for r in read})
        ) or "not needed",
        "pictures": [_scores(scores, out_of), _shares(read)] if read else [],
        "mistakes": count_mistakes(read),
        "tables": (
            ("What was stopped?", _rows(read, _stops)),
            ("What was changed, or strange?", _rows(read, lambda r: r["notes"])),
            ("What could not be read?", _rows(results, lambda r: [r["problem"]])),
        ),
    }  # fmt: skip


def _stops(result: Mapping[str, Any]) -> list[str]:
    return [
        f"{q['title']}: {q['status']}. {q['message']}"
        for q in result["questions"]
        if kind_of(q) == "stopped"
    ]


def _rows(
    results: Sequence[Mapping[str, Any]],
    sentences: Callable[[Mapping[str, Any]], Iterable[str]],
) -> list[dict[str, str]]:
    return [
        {"student": result["student"], "what": what}
        | {"page": report_name(result["student"], result["assignment"])}
        for result in results
        for what in sentences(result)
        if what
    ]


def _scores(scores: Sequence[float], out_of: float) -> dict[str, str]:
    from matplotlib.ticker import MaxNLocator

    figure, ax = _figure(3)
    edges = [n - 0.5 for n in range(int(out_of) + 2)]
    counts, _, _ = ax.hist(scores, edges, color=_COLOURS[0], rwidth=0.9)
    ax.set(title="How are the scores spread?", xlabel=f"points, of {out_of:g}")
    ax.set(ylabel="submissions", ylim=(0, max(counts) * 1.1))
    ax.yaxis.set_major_locator(MaxNLocator("auto", integer=True))
    words = f"The scores of {len(scores)} submissions, from {scores[0]:g} to "
    return _picture(figure, f"{words}{scores[-1]:g} of {out_of:g} points.")


def _shares(results: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Draw how far each question was done, the first one on top."""
    titles = {q["id"]: q["title"] for q in results[0]["questions"]}
    found: dict[str, Counter[str]] = {key: Counter() for key in titles}
    for question in (q for result in results for q in result["questions"]):
        found[question["id"]][kind_of(question)] += 1
    figure, ax = _figure(1.6 + 0.45 * len(found))
    names, left = [titles[key] for key in found], [0.0] * len(found)
    for kind, colour in zip(KINDS, _COLOURS, strict=True):
        widths = [100 * of[kind] / len(results) for of in found.values()]
        places = range(len(found))
        ax.barh(places, widths, left=left, color=colour, label=kind, edgecolor="white")
        left = [a + b for a, b in zip(left, widths, strict=True)]
    ax.set_yticks(range(len(found)), names)
    ax.invert_yaxis()
    ax.set(title="How far was each question done?", xlabel="submissions in %")
    figure.legend(loc="outside lower center", ncols=len(KINDS), frameon=False)
    least = min(found, key=lambda key: found[key]["passed"])
    words = (
        f"For {len(found)} questions the shares of {', '.join(KINDS)}; passed least: "
    )
    return _picture(figure, words + titles[least])


def _figure(height: float) -> tuple["Figure", "Axes"]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, height), layout="constrained")
    ax = figure.subplots()
    ax.spines[["top", "right"]].set_visible(False)
    return figure, ax


def _picture(figure: "Figure", words: str) -> dict[str, str]:
    from markupsafe import Markup

    bytes_ = io.BytesIO()
    figure.savefig(bytes_, format="png", dpi=130)
    data = base64.b64encode(bytes_.getvalue()).decode()
    return {"words": words, "data": Markup(data)}  # as it is: `clean` would cut it


@cache
def _template() -> "Template":
    from jinja2 import Environment

    return Environment(autoescape=True, finalize=clean).from_string(_PAGE)
