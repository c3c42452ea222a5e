"""The model behind FastAPI, as its tutorial writes it: uvicorn fastapi_app:app."""

import os

import numpy as np
from fastapi import FastAPI
from loading import predictor
from pydantic import BaseModel

app, predict = FastAPI(), predictor()


class Rows(BaseModel):
    """A body: {"rows": [[...], ...]}."""

    rows: list[list[float]]


async def answer(body: Rows) -> dict[str, list[list[float]]]:
    """Answer in the loop's own thread: no change of threads for a short call."""
    return {"probabilities": predict(np.array(body.rows)).tolist()}


def answer_in_a_thread(body: Rows) -> dict[str, list[list[float]]]:
    """Answer in a thread of the pool, as a plain `def` is."""
    return {"probabilities": predict(np.array(body.rows)).tolist()}


app.post("/predict")(answer_in_a_thread if os.environ.get("THREADS") == "1" else answer)
