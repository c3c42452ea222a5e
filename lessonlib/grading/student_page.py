"""What does a learner read about a submission? One page, and never a hidden test."""

import hashlib
import re
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jinja2 import Template

_MARKS = {"passed": "✓", "partly": "◐", "not attempted": "○"}  # else a cross
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{{ r.student }}: {{ r.assignment }}</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 46em; margin: 2em auto;
       padding: 0 1em; color: #222; overflow-wrap: anywhere; }
h2 { margin: 1.6em 0 0; font-size: 1.1em; }
pre { white-space: pre-wrap; background: #f4f4f1; padding: .6em; margin: .4em 0; }
.mark { display: inline-block; width: 1.4em; color: #9a3b12; }
.passed { color: #1d6b35; } .small { color: #555; font-size: .9em; }
</style></head><body>
<h1>{{ r.assignment.replace("_", " ") }}</h1>
<p>{{ r.student }}: <b>{{ "%g" % r.raw_score }} of {{ "%g" % r.max_score }} points</b>
{%- if g.status.startswith("waits") %}, without what is read by a human{% endif %}</p>
{% if g.late_submission_penalty %}<p>Due {{ g.duedate }}, so it came late: {{ "%g" %
g.late_submission_penalty }} points less, and <b>{{ "%g" % g.score }}</b> count.</p>
{% endif %}
{% if r.problem %}<p>Nothing could be graded: {{ r.problem }}.</p>{% endif %}
{% for q in r.questions %}
<h2><span class="mark {{ q.status }}">{{ marks.get(q.status, "✗") }}</span>
{{- q.title }}: {{ "%g" % q.points }} of {{ "%g" % q.out_of }} ({{ q.status }})</h2>
{% if q.lines %}<pre>{% for line in q.lines %}{{ line }}
{% endfor %}</pre>{% endif %}
{% if q.message %}<p>{{ q.message }}</p>{% endif %}
{% if q.hint %}<p>Hint: {{ q.hint }}</p>{% endif %}
{% endfor %}
{% for m in r.manual %}
<h2><span class="mark">✎</span>{{ m.title }}: {% if m.given is none %}up to
{%- else %}{{ "%g" % m.given }} of{% endif %} {{ m.points }}, read by a human</h2>
{% if m.comment %}<p>{{ m.comment }}</p>{% endif %}
<pre>{{ m.text }}</pre>
{% endfor %}
{% if r.notes %}<h2>Notes</h2><ul>{% for n in r.notes %}<li>{{ n }}</li>{% endfor %}
</ul>{% endif %}
<p class="small">{% if r.limits %}Sandbox: {{ r.limits.isolation }}. A cell and a call
had {{ r.limits.cell_timeout_s }} s, all of them {{ r.limits.total_s }} s, with {{
r.limits.memory_gb }} GB of memory.
{% endif %}Handed in: {{ r.timestamp or "not known" }}.</p>
</body></html>
"""


@cache
def _template() -> "Template":
    from jinja2 import Environment

    return Environment(autoescape=True, finalize=clean).from_string(_PAGE)


def student_page(result: Mapping[str, Any], grade: Mapping[str, Any]) -> str:
    """Return the page of one submission: whole in itself, and all of it escaped.

    `result` is one of `read_graded`, and `grade` its row of grades.csv.
    """
    return _template().render(r=result, g=grade, marks=_MARKS)


def report_name(student: str, assignment: str) -> str:
    """Return a file name that is safe and no other pair's, also where case is lost."""
    plain = f"{student}--{assignment}".lower()
    safe = re.sub(r"[^a-z0-9_.-]+", "-", plain).strip(".-")[:80]
    if safe != f"{student}--{assignment}":
        pair = f"{student}\0{assignment}".encode("utf-8", "replace")
        safe = f"{safe}-{hashlib.sha256(pair).hexdigest()[:8]}"
    return f"{safe}.html"


def clean(value: Any) -> Any:
    """Cut a text of the learner's to a readable length, without control characters."""
    if not isinstance(value, str) or hasattr(value, "__html__"):
        return value
    return re.sub(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]", "?", value)[:4000]
