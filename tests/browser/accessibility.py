"""What does axe-core find wrong on a page, for people who cannot see or point?"""

from pathlib import Path

import axe_playwright_python

_AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js").read_text()


def findings(window):
    """Return "rule: element" for each finding that axe calls moderate or worse."""
    window.evaluate(_AXE)  # past the page's own policy, which lets no script in
    found = window.evaluate("axe.run()")["violations"]
    return [
        f"{each['id']}: {node['html']:.120}"
        for each in found
        if each["impact"] != "minor"
        for node in each["nodes"]
    ]
