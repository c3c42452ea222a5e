import joblib
from flask import Flask, jsonify, request

app = Flask(__name__)
model = joblib.load("linear_regression_model.pkl")


@app.route("/predict", methods=["POST"])
def predict():
    data = request.get_json()
    prediction = model.predict([data["feature"]])
    return jsonify({"prediction": prediction[0]})


if __name__ == "__main__":
    app.run(debug=True)
