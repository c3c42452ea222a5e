"""A pipeline of scikit-learn behind FastAPI and pydantic, asked for records."""

import os
from typing import Literal

import joblib
import pandas
from fastapi import FastAPI
from pydantic import BaseModel

app, model = FastAPI(), joblib.load(os.environ["MODEL"])


class Person(BaseModel):
    """A row of the table."""

    age: float | None
    income: float
    town: Literal["Leeds", "York", "Hull"]
    member: bool


class Records(BaseModel):
    """A body: {"records": [{...}, ...]}."""

    records: list[Person]


@app.post("/predict")
async def answer(body: Records) -> dict[str, list[list[float]]]:
    """Answer with probabilities."""
    table = pandas.DataFrame([person.model_dump() for person in body.records])
    table["age"] = table["age"].astype(float)
    return {"probabilities": model.predict_proba(table).tolist()}
