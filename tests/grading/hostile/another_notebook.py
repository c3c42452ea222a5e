"""The notebook of another lesson."""

from lessonlib.authoring.page import ROOT

from . import NOTHING

SCORES = NOTHING
NOTE = "none of its cells"


def submit(notebook):
    return (
        ROOT / "exercises" / "03_write_the_api_contract_with_flask.ipynb"
    ).read_bytes()
