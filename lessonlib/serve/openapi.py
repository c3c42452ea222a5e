"""How does a program read the contract?

`openapi` writes it as an OpenAPI 3.1 document, the form from which other tools make
clients, pages and tests. It is made of the manifest, so the two cannot disagree.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from lessonlib.save.artifacts import Feature, Manifest

_PAGES = ("/", "/health", "/ready", "/model", "/openapi.json")


def openapi(
    manifest: Manifest, *, max_rows: int, feedback: bool = False, metrics: bool = False
) -> dict[str, Any]:
    """Return the document of an app; `feedback`, `metrics`: does it have that page?"""
    paths: dict[str, Any] = {
        page: {"get": {"responses": {"200": {"description": "as of now"}}}}
        for page in (*_PAGES, *(["/metrics"] if metrics else []))
    }
    statuses = ("400", "413", "415", "422", "500", "503")
    numbers = [_number_schema(feature) for feature in manifest.features]
    size = {"minItems": len(numbers), "maxItems": len(numbers)}
    row = {"type": "array", "prefixItems": numbers} | size
    rows = {"type": "array", "items": row, "minItems": 1, "maxItems": max_rows}
    example: dict[str, Any] = {"rows": [[number["examples"][0] for number in numbers]]}
    reply = "predictions, one a row"
    paths["/predict"] = _post({"rows": rows}, ["rows"], example, reply, statuses)
    if feedback:
        classes = list(manifest.classes or [])
        properties: dict[str, Any] = {
            "request_id": {"type": "string"},
            "label": {"enum": classes} if classes else {"type": "number"},
            "row": {"type": "integer", "minimum": 0},
            "source": {"type": "string", "minLength": 1, "maxLength": 40},
        }
        example = {"request_id": "from a reply", "label": (classes or [0])[0]}
        required = ["request_id", "label"]
        statuses = ("400", "404", "413", "415", "422", "500")
        paths["/feedback"] = _post(properties, required, example, "stored", statuses)
    info = {"title": manifest.name, "version": manifest.version}
    return {"openapi": "3.1.0", "info": info, "paths": paths}


def _post(
    properties: dict[str, Any],
    required: list[str],
    example: dict[str, Any],
    reply: str,
    refusals: Sequence[str],
) -> dict[str, Any]:
    schema = {"type": "object", "required": required, "properties": properties}
    content = {"application/json": {"schema": schema, "example": example}}
    replies = {"200": {"description": reply}} | {
        status: {"description": "error.code and error.message say why not"}
        for status in refusals
    }
    request = {"required": True, "content": content}
    return {"post": {"requestBody": request, "responses": replies}}


def _number_schema(feature: Feature) -> dict[str, Any]:
    given = {"minimum": feature.low, "maximum": feature.high}
    limits = {key: limit for key, limit in given.items() if limit is not None}
    example = float(np.clip(0, feature.low, feature.high))
    return {"type": "number", "title": feature.name, "examples": [example]} | limits
