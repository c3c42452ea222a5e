"""The model behind LitServe, with its batching: python litserve_app.py."""

import json
import os

import litserve
import numpy as np
from loading import predictor


class Digits(litserve.LitAPI):
    """Takes one row a request, and answers a batch of them together."""

    def setup(self, device):
        self.answer = predictor()

    def decode_request(self, request):
        return request["rows"][0]

    def batch(self, inputs):
        return np.array(inputs)

    def predict(self, x):
        return self.answer(np.atleast_2d(x))

    def unbatch(self, output):
        return list(output)

    def encode_response(self, output):
        return {"probabilities": np.atleast_2d(output).tolist()}


if __name__ == "__main__":
    options = json.loads(os.environ["OPTIONS"])
    api = Digits(**options.pop("api"))
    run = options.pop("run", {})
    server = litserve.LitServer(api, accelerator="cpu", **options)
    port = int(os.environ["PORT"])
    server.run(host="127.0.0.1", port=port, generate_client_file=False, **run)
