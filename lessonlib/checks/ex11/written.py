"""Can a report be written down, and read back the same?"""

import json
from typing import Any

from lessonlib.checks.probes import Broken


def expect_json(report: Any) -> None:
    """Raise Broken unless `report` is what JSON makes of it."""
    hint = "numpy's numbers are not JSON: int() and float() make plain ones"
    try:
        same = json.loads(json.dumps(report)) == report
    except (TypeError, ValueError) as error:
        raise Broken(f"json.dumps(report) failed: {error}", hint) from None
    if not same:
        seen = "read back from JSON, the report is not what was written"
        raise Broken(seen, "JSON has lists and no tuples, and its keys are text")
