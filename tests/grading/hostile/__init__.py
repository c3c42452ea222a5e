"""Submissions that try to cheat, to crash or to stall the grader.

Each takes the solved notebook of lesson 05 and spoils it. SCORES has the points of the
questions that it may cost; the others keep theirs. NOTE is a part of what the report
has to say.
"""

NAME = "05_measure_response_time_honestly"
QUESTIONS = ("rank", "from_due", "tail", "warm", "late", "most", "dots")
NOTHING = {f"test-{question}": 0 for question in QUESTIONS}


def before(notebook, name, code):
    """Put code before what stands in a cell."""
    for cell in notebook["cells"]:
        if cell["id"] == name:
            cell["source"] = f"{code}\n{''.join(cell['source'])}"
    return notebook


def instead(notebook, name, code):
    """Put code in place of what stands in a cell."""
    for cell in notebook["cells"]:
        if cell["id"] == name:
            cell["source"] = code
    return notebook
