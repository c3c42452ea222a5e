"""What stands in place of a solution? Read by lessonlib.authoring and by nbgrader."""

c = get_config()  # noqa: F821  (nbgrader gives this name)

c.ClearSolutions.code_stub = {"python": "pass  # TODO: your code here"}
c.ClearSolutions.text_stub = "*Your answer here.*"

# The words of a solution's figure would give the answer away.
c.ClearOutput.remove_metadata_fields = {"collapsed", "scrolled", "alt"}
