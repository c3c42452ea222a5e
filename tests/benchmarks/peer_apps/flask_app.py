"""The model behind Flask's own server, as every tutorial has it."""

import os

import numpy as np
from flask import Flask, jsonify, request
from loading import predictor

app, predict = Flask(__name__), predictor()


@app.post("/predict")
def answer():
    rows = np.array(request.get_json()["rows"])
    return jsonify(probabilities=predict(rows).tolist())


if __name__ == "__main__":
    app.run(port=int(os.environ["PORT"]))
