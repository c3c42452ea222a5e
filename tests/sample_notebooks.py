"""Small notebooks that the tests of the authoring tools break in one place each."""

from copy import deepcopy
from functools import cache, wraps

from nbformat.v4 import (
    new_code_cell,
    new_markdown_cell,
    new_notebook,
    new_output,
)

from lessonlib.authoring.normal_form import dump, normal
from lessonlib.authoring.page import Page

OPENING = """# Count the parcels

**What you'll do** Count parcels on the belt of the Northgate sorting office.

**What you'll learn** To count, to claim, and to read a picture of a count.

**What you'll need** Python.

**Time**: 3 minutes to read."""

WORDS = "Does the queue drain? It rises to 12 by second 3.5 and is empty from second 5."
PLOT = "ax = plot_queue(report)"


def printed(text):
    return new_output("stream", name="stdout", text=text)


def figure(words=WORDS):
    data = {"image/png": "iVBORw0KGgo=", "text/plain": words}
    return new_output("display_data", data=data)


def prose(n):
    return " ".join(["parcel"] * n) + "."


def made_once(make):
    """Let each call return a copy: nbformat validates every cell that is made."""
    made = cache(make)
    return wraps(make)(lambda: deepcopy(made()))


@made_once
def lesson():
    """Return a lesson in normal form that keeps every rule; no kernel has seen it."""
    cells = [
        new_markdown_cell(OPENING),
        new_markdown_cell("## Recall\n\nWhat did the belt carry?"),
        new_markdown_cell("## Words of this lesson\n\n**Parcel**: what is sorted."),
        new_markdown_cell(f"## Count\n\n{prose(40)}"),
        new_code_cell("n = 3\nprint(n)", outputs=[printed("3\n")]),
        new_markdown_cell(
            f"Three parcels. {prose(40)}\n\n![Parcels & a belt.](figures/belt.svg)"
        ),
        new_code_cell(
            "import time\ntime.time()",
            outputs=[new_output("execute_result", data={"text/plain": "1.5"})],
            metadata={"tags": ["nbval-ignore-output"]},
        ),
        new_code_cell(
            'claim("time is positive", True)', outputs=[printed("holds: time ...\n")]
        ),
        new_markdown_cell(f"### Step 2: a picture\n\n{prose(30)}"),
        new_code_cell(PLOT, outputs=[figure()]),
        new_markdown_cell(f"The queue is empty from second 5. {prose(10)}"),
        new_code_cell(
            "1 / 0",
            outputs=[
                new_output(
                    "error",
                    ename="ZeroDivisionError",
                    evalue="division by zero",
                    traceback=['File "/tmp/ipykernel_1/2.py"', "ZeroDivisionError"],
                )
            ],
            metadata={"tags": ["raises-exception"]},
        ),
        new_markdown_cell("## What we saw\n\nThree parcels."),
        new_markdown_cell(
            "## Your turn\n\nCount more: [exercises](../exercises/05_count.ipynb)."
        ),
        new_markdown_cell("## In practice\n\nA scale counts."),
        new_markdown_cell("## Further reading\n\nNext: [notebook 06](06_weigh.ipynb)."),
    ]
    return normal(new_notebook(cells=cells), "05")


@cache
def course():
    """Return the files of a small course, and their text."""
    weigh = new_markdown_cell("# Weigh the parcels\n\n## Weigh")
    return {
        "notebooks/figures/belt.svg": "<svg><title>Parcels &amp; a belt.</title></svg>",
        "notebooks/05_count.ipynb": dump(lesson()),
        "notebooks/06_weigh.ipynb": dump(normal(new_notebook(cells=[weigh]), "06")),
        "exercises/05_count.ipynb": dump(solution()),
        "solutions/05_count.ipynb": dump(solution()),
    }


def page(nb, folder, name="05_count.ipynb", room="notebooks"):
    """Return the notebook as one of a small course, which is written to `folder`."""
    for file, text in course().items():
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_text(text, encoding="utf-8")
    return Page(folder / room / name, nb)


@made_once
def solution():
    """Return a solution with one exercise, as an author writes it."""
    shared = {"schema_version": 3, "task": False}
    setup = {"grade": False, "solution": False, "locked": True, "grade_id": "setup"}
    answer = {"grade": False, "solution": True, "locked": False, "grade_id": "sol-tail"}
    check = {
        "grade": True,
        "solution": False,
        "locked": True,
        "points": 2,
        "grade_id": "test-tail",
    }
    cells = [
        new_markdown_cell("# Practise counting"),
        new_code_cell("times = [3, 1, 2]", metadata={"nbgrader": shared | setup}),
        new_markdown_cell(
            "## 1. The tail\n\nReturn the slowest time. "
            "(Lesson: [Count](../notebooks/05_count.ipynb#Count).)"
        ),
        new_code_cell(
            "def tail(times):\n"
            '    """Return the slowest of `times`."""\n'
            "    ### BEGIN SOLUTION\n"
            "    return max(times)\n"
            "    ### END SOLUTION",
            metadata={"nbgrader": shared | answer},
        ),
        new_code_cell(
            "print(tail(times))\n"
            "### BEGIN HIDDEN TESTS\n"
            "assert tail([9, 1]) == 9\n"
            "### END HIDDEN TESTS",
            outputs=[printed("3\n")],
            metadata={"nbgrader": shared | check},
        ),
        new_markdown_cell("Next: [notebook 06](../notebooks/06_weigh.ipynb)."),
    ]
    return normal(new_notebook(cells=cells), "05")
