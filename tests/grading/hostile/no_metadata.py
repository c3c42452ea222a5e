"""All metadata is gone; the ids of the cells are left."""

SCORES = {}
NOTE = ""


def submit(notebook):
    for cell in notebook["cells"]:
        cell["metadata"] = None
    return notebook
