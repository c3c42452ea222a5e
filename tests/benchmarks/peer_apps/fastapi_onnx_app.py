"""ONNX Runtime behind FastAPI and pydantic, in the loop's own thread."""

from fastapi import FastAPI
from onnx_model import predictor
from pydantic import BaseModel

app, predict = FastAPI(), predictor()


class Rows(BaseModel):
    """A body: {"rows": [[...], ...]}."""

    rows: list[list[float]]


@app.post("/predict")
async def answer(body: Rows) -> dict[str, list[list[float]]]:
    """Answer with probabilities."""
    return {"probabilities": predict(body.rows)}
