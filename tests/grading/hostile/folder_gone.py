"""Takes the folder away in which it runs."""

from . import instead

SCORES = {"test-rank": 0}
NOTE = ""


def submit(notebook):
    return instead(notebook, "sol-rank", CODE)


CODE = """
import os, shutil
shutil.rmtree(os.getcwd(), ignore_errors=True)
ranked = None
"""
