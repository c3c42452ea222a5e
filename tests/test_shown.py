"""What a message looks like in a notebook: its words are the same as in a terminal."""

import os
import re
import subprocess
import sys
from html import unescape

import pytest
from nbformat.v4 import new_code_cell, new_notebook

from lessonlib.authoring.running import execute
from lessonlib.checks import Check, Mistake, case
from lessonlib.checks.probes import code_in
from lessonlib.checks.report import DONE, NOT_ATTEMPTED, NOT_YET, Report
from lessonlib.shown import CIRCLE, CROSS, TICK, Sentence, in_html
from lessonlib.workbook import Health

SCRIPT = "<script>alert('&')</script>"


def read(markup):
    """Return the words of HTML, with a space between any two of its elements."""
    return " ".join(unescape(re.sub("<[^>]*>", " ", markup)).split())


def words(message):
    return " ".join(repr(message).split())


# -- sentences


def test_code_is_what_stands_in_backticks_and_what_is_named():
    assert in_html("put `a < b` in, `alone") == ("put <code>a &lt; b</code> in, `alone")
    assert in_html("f(2) gave 2, expected 3", ["f(2)", "2", "3"]) == (
        "<code>f(2)</code> gave <code>2</code>, expected <code>3</code>"
    )


def test_backticks_in_a_value_are_part_of_it():
    assert in_html("it gave 'a`b`'", ["'a`b`'"]) == "it gave <code>'a`b`'</code>"


@pytest.mark.parametrize("part", ["", "not there"])
def test_code_that_is_not_in_the_text_changes_nothing(part):
    assert in_html("two > one", [part]) == "two &gt; one"


def test_a_sentence_says_its_kind_by_a_sign_and_a_word():
    holds = Sentence("`a` is less", word="holds:", sign=TICK)
    assert repr(holds) == "holds: `a` is less"
    assert f"{TICK} <strong>holds:</strong> <code>a</code>" in holds._repr_html_()


def test_markup_in_a_sentence_is_shown_as_text():
    markup = Sentence(SCRIPT, word=SCRIPT)._repr_html_()
    assert "<script" not in markup
    assert read(markup) == f"{SCRIPT} {SCRIPT}"


def test_dollars_in_a_sentence_make_no_formula():
    markup = Sentence("$5 or $6")._repr_html_()
    assert "$5 or $6" in markup  # MathJax reads what is between them, unless told
    assert markup.startswith('<div class="mathjax_ignore tex2jax_ignore"')


def test_the_spaces_of_a_value_are_kept():
    markup = DOUBLE(lambda n: "a  b")._repr_html_()
    assert "<code>'a  b'</code>" in markup and "white-space:pre-wrap" in markup


# -- reports


DOUBLE = Check.table(
    title="double a `number`",
    name="double",
    promises=[
        ("it doubles", case(2, gives=4, hint="twice, `n + n`")),
        ("also text", case("<b>", gives="<b><b>")),
    ],
    mistakes=[Mistake("squares", "look at `3 ** 2`", lambda n: n**2)],
)
ANSWERS = {
    "untouched": None,
    "right": lambda n: n + n,
    "known": lambda n: n**2,
    "wrong": lambda n: f"{n}{SCRIPT}",
    "raises": lambda n: n.upper(),
    "returns None for some": lambda n: n + n if n == 2 else None,
}
SIGNS = {DONE: TICK, NOT_YET: CROSS, NOT_ATTEMPTED: CIRCLE}


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_a_report_says_the_same_in_both_and_nothing_that_runs(answer):
    report = DOUBLE(answer)
    markup = report._repr_html_()
    spoken = re.sub("[✓✗○]", "", read(markup))
    assert re.sub(r"\s|`", "", spoken) == re.sub(r"\s|`", "", words(report))
    assert "<script" not in markup and "<b>" not in markup
    assert re.match(r'<div class="mathjax_ignore[^<]*><p ', markup)
    assert f"{SIGNS[report.outcome]} <strong>{report.outcome}:</strong>" in markup


def test_the_outcomes_differ_by_sign_and_by_word_and_have_no_colour():
    heads = [
        Report("t", outcome, 0, 1)._repr_html_().partition(" t (")[0]
        for outcome in SIGNS
    ]
    assert len({re.sub("<[^>]*>", "", head) for head in heads}) == len(heads)
    assert len({head[: head.index("<strong>")] for head in heads}) == len(heads)
    assert not any(re.search(r"colou?r|#[0-9a-f]{3}", head) for head in heads)


def test_the_call_and_the_values_of_a_message_are_code():
    markup = DOUBLE(ANSWERS["wrong"])._repr_html_()
    assert "<code>double(2)</code> gave <code>" in markup
    assert "</code>, expected <code>4</code>" in markup
    assert "it <code>" not in markup and "<code>n + n</code>" in markup


def test_what_an_answer_raised_is_told_with_its_line_as_code():
    def double(n):
        return n / 0

    markup = DOUBLE(double)._repr_html_()
    assert "<code>double(2)</code> raised ZeroDivisionError" in markup
    assert "(in: <code>return n / 0</code>)" in markup


def test_a_call_that_is_cut_is_code_and_one_that_is_told_in_words_is_not():
    assert code_in("tail([1, 2, 3,...)", "4") == ("tail([1, 2, 3,...)", "4")
    assert code_in("the first of tail([1, 2])", "4") == ("4",)
    assert code_in("decisions", "4") == ("4",)


def test_an_answer_without_a_name_is_no_code():
    assert "your answer" in (markup := DOUBLE(lambda n: n / 0)._repr_html_())
    assert "<code>your" not in markup


# -- the doctor


def test_the_doctor_tells_what_is_well_from_what_is_not_by_sign_and_word():
    health = Health(found=("numpy 2,\n           flask 3",), problems=("no <port>",))
    markup = health._repr_html_()
    assert f"{TICK} <strong>ok</strong> numpy 2, flask 3" in markup
    assert f"{CROSS} <strong>problem</strong> no &lt;port&gt;" in markup
    assert f"{CROSS} This computer is not ready." in markup


# -- in a kernel


CELLS = {
    "claim": "claim('1 < 2', 1 < 2)",
    "spaces": "claim(' two  spaces,\\r\\nlines\\n', True)",
    "guess": "_ = guess('How many?', 12.5)",
    "no guess": "_ = guess('How many?', None)",
    "how_near": "how_near(2, 2.5, unit='ms')",
    "nothing to compare": "how_near(None, 2.5)",
    "report": "_ = ex05.tail(None).show()",
    "doctor": "doctor()",
    "between prints": "print('a'); claim('b', True); print('c')",
    "kept": """with redirect_stdout(io.StringIO()) as kept:
    claim('kept', True)
print(kept.getvalue(), end="")""",
    "in a thread": """thread = threading.Thread(target=claim, args=('a thread', True))
thread.start()
thread.join()""",
    "forked": """if hasattr(os, "fork"):
    if not (child := os.fork()):
        claim('forked', True)
        os._exit(0)
    _ = os.waitpid(child, 0)""",
}
IMPORTS = """import io, os, threading
from contextlib import redirect_stdout
from lessonlib.checks import ex05
from lessonlib.workbook import claim, doctor, guess, how_near"""
SHOWN = [
    "claim",
    "spaces",
    "guess",
    "no guess",
    "how_near",
    "nothing to compare",
    "report",
]


@pytest.fixture(scope="module")
def outputs(tmp_path_factory):
    """What each of CELLS shows in a notebook."""
    cells = [new_code_cell(source) for source in [IMPORTS, *CELLS.values()]]
    nb = execute(new_notebook(cells=cells), tmp_path_factory.mktemp("notebook"))
    return dict(zip(CELLS, [cell.outputs for cell in nb.cells[1:]], strict=True))


@pytest.mark.parametrize("name", [*SHOWN, "in a thread"])
def test_a_notebook_keeps_what_is_printed_elsewhere_beside_its_look(
    name, outputs, capsys
):
    exec(f"{IMPORTS}\n{CELLS[name]}", {})
    (output,) = outputs[name]
    assert output.output_type == "display_data"
    assert output.data["text/plain"] + "\n" == capsys.readouterr().out
    plain = re.sub("[✓✗○]", "", read(output.data["text/html"]))
    assert plain.split() == output.data["text/plain"].split()


def test_the_doctor_is_a_value_that_has_both(outputs):
    (output,) = outputs["doctor"]
    assert output.output_type == "execute_result"
    assert output.data["text/plain"].startswith("This computer is ready.\n  ok  ")
    assert "This computer is ready." in output.data["text/html"]


def test_a_message_stays_between_what_is_printed_before_and_after_it(outputs):
    kinds = [output.output_type for output in outputs["between prints"]]
    assert kinds == ["stream", "display_data", "stream"]


@pytest.mark.parametrize("name", ["kept", "forked"])
def test_where_no_notebook_would_show_a_message_it_is_printed(name, outputs):
    if name == "forked" and not hasattr(os, "fork"):
        pytest.skip("this system forks no process")
    text = "".join(output.text for output in outputs[name])
    assert text == f"holds: {name}\n"


def test_nothing_of_jupyter_is_imported_for_it():
    code = "import sys, lessonlib.workbook as w; w.claim('a', True); "
    code += "print('IPython' in sys.modules, 'ipykernel' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout == "holds: a\nFalse False\n"
