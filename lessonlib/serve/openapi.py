"""How does a program read the contract?

`openapi` writes it as an OpenAPI 3.1 document, the form from which other tools make
clients, pages and tests. It is made of the manifest, so the two cannot disagree.
"""

from typing import Any

import numpy as np

from lessonlib.save.answers import NUMBERS
from lessonlib.save.columns import Column
from lessonlib.save.manifest import Manifest

OPEN = ("/", "/health", "/ready")  # to callers without a key: they tell nothing
_PAGES = {
    "/": ("getTryItPage", "a page to try the model, in a browser"),
    "/health": ("getHealth", "the process answers"),
    "/ready": ("getReadiness", "the model is loaded"),
    "/model": ("getManifest", "what the model is"),
    "/openapi.json": ("getOpenapi", "this document"),
    "/metrics": ("getMetrics", "counts, as Prometheus reads them"),
}
_TEXT, _COUNT = {"type": "string"}, {"type": "integer", "minimum": 0}
_ERROR = {
    "error": {
        "type": "object",
        "required": ["code", "message"],
        "properties": {
            "code": _TEXT,
            "message": _TEXT,
            "row": _COUNT,
            "column": _TEXT,
        },
    }
}
_NUMBERS = {"type": "array", "items": {"type": "number"}}
_STORED = {"stored": {"const": True}}


def openapi(
    manifest: Manifest,
    *,
    max_rows: int,
    feedback: bool = False,
    metrics: bool = False,
    keys: bool = False,
) -> dict[str, Any]:
    """Return the document of an app; `feedback`, `metrics`: does it have that page?

    `keys`: does it ask callers for one?
    """
    kinds = {"/": "text/html", "/metrics": "text/plain"}
    paths: dict[str, Any] = {
        path: {"get": _operation(name, {}, _reply(what, kinds.get(path)))}
        for path, (name, what) in _PAGES.items()
        if metrics or path != "/metrics"
    }
    either = [_ref("RowsRequest"), _ref("RecordsRequest")]
    content = {"schema": {"oneOf": either}, "example": example_body(manifest)}
    replies = _reply("predictions, one a row", schema="PredictReply")
    paths["/predict"] = {"post": _operation("predict", content, replies)}
    schemas = _predict_requests(manifest, max_rows) | {
        "PredictReply": _predict_reply(manifest),
        "Error": _object(_ERROR, ["error"]),
    }
    if feedback:
        schemas |= {
            "FeedbackRequest": _feedback_request(manifest),
            "FeedbackReply": _object(_STORED, ["stored"]),
        }
        label = (manifest.expected_answers or [0])[0]
        example = {"request_id": "from a reply", "label": label}
        content = {"schema": _ref("FeedbackRequest"), "example": example}
        replies = _reply("stored", schema="FeedbackReply")
        paths["/feedback"] = {"post": _operation("sendLabel", content, replies, "404")}
    document: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {"title": manifest.name, "version": manifest.version},
        "paths": paths,
        "components": {"schemas": schemas},
    }
    return _with_keys(document) if keys else document


def _with_keys(document: dict[str, Any]) -> dict[str, Any]:
    """Let all but the open addresses of a document ask for a key."""
    scheme = {"type": "http", "scheme": "bearer"}
    document["components"]["securitySchemes"] = {"key": scheme}
    for path in document["paths"].keys() - set(OPEN):
        for operation in document["paths"][path].values():
            replies = operation["responses"]
            operation["security"] = [{"key": []}]
            replies |= dict.fromkeys(("400", "401", "429"), replies["500"])
    return document


def example_body(manifest: Manifest) -> dict[str, Any]:
    """Return a body that the model takes: a golden row, if there are any."""
    row = list(manifest.example) or [_example(each) for each in manifest.columns]
    return {"rows": [row]}


def _predict_requests(manifest: Manifest, max_rows: int) -> dict[str, Any]:
    columns = {column.name: _column(column) for column in manifest.columns}
    several = {"type": "array", "minItems": 1, "maxItems": max_rows}
    size = {"minItems": len(columns), "maxItems": len(columns)}
    row = {"type": "array", "prefixItems": [*columns.values()]} | size
    rows = {"rows": several | {"items": row}}
    records = {"records": several | {"items": _ref("Record")}}
    return {
        "RowsRequest": _object(rows, ["rows"]),
        "RecordsRequest": _object(records, ["records"]),
        "Record": _object(columns, list(columns)) | {"additionalProperties": False},
    }


def _predict_reply(manifest: Manifest) -> dict[str, Any]:
    model = {"name": _TEXT, "version": _TEXT}
    properties = {
        "request_id": _TEXT,
        "model": _object(model, list(model)),
        "predictions": {"type": "array", "items": _answer(manifest)},
        "probabilities": {"type": "array", "items": _NUMBERS},
        "scores": _NUMBERS,
    }
    return _object(properties, ["request_id", "model", "predictions"])


def _answer(manifest: Manifest) -> dict[str, Any]:
    """Return the JSON schema of an answer, which is that of a label, too."""
    if answers := manifest.expected_answers:
        plain = all(type(each) is bool for each in answers)  # no enum, to generators
        return {"type": "boolean"} if plain else {"enum": list(answers)}
    if manifest.answers == NUMBERS:
        return {"oneOf": [{"type": "number"}, _NUMBERS | {"minItems": 1}]}
    return {"type": ["number", "string", "boolean"]}


def _feedback_request(manifest: Manifest) -> dict[str, Any]:
    properties = {
        "request_id": _TEXT | {"minLength": 1, "maxLength": 100},
        "label": _answer(manifest),
        "row": _COUNT,
        "source": _TEXT | {"minLength": 1, "maxLength": 40},
    }
    return _object(properties, ["request_id", "label"])


def _column(column: Column) -> dict[str, Any]:
    """Return the JSON schema of what may stand in a column."""
    kinds = {"number": "number", "integer": "integer", "boolean": "boolean"}
    schema: dict[str, Any] = {"title": column.name, "examples": [_example(column)]}
    if column.kind == "category" and column.choices is not None:
        gap = [None] if column.missing else []
        return schema | {"enum": [*column.choices, *gap]}
    kind = kinds.get(column.kind, "string")
    limits = {"minimum": column.low, "maximum": column.high}
    schema |= {key: limit for key, limit in limits.items() if limit is not None}
    return schema | {"type": [kind, "null"] if column.missing else kind}


def _example(column: Column) -> Any:
    if column.choices:
        return column.choices[0]
    if column.kind in ("number", "integer"):
        number = float(np.clip(0, column.low, column.high))
        return int(number) if column.kind == "integer" else number
    return {"boolean": False, "date": "2026-11-30"}.get(column.kind, "a text")


def _operation(
    name: str, content: dict[str, Any], replies: dict[str, Any], *refusals: str
) -> dict[str, Any]:
    operation: dict[str, Any] = {"operationId": name}
    if content:
        body = {"required": True, "content": {"application/json": content}}
        operation["requestBody"] = body
        refusals = ("400", "413", "415", "422", *refusals)
    error = _reply("error.code and error.message say why not", schema="Error")["200"]
    refused = dict.fromkeys((*sorted(refusals), "500", "503"), error)
    return operation | {"responses": replies | refused}


def _reply(
    what: str, kind: str | None = None, *, schema: str | None = None
) -> dict[str, Any]:
    described = {"schema": _ref(schema) if schema else {}}
    content = {kind or "application/json": described}
    return {"200": {"description": what, "content": content}}


def _object(properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    return {"type": "object", "required": required, "properties": properties}


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}
