"""Save the model in MLflow's format: python mlflow_save.py FOLDER."""

import os
import sys

import joblib
import mlflow.sklearn

mlflow.sklearn.save_model(
    joblib.load(os.environ["MODEL"]),
    sys.argv[1],
    serialization_format="cloudpickle",
    pyfunc_predict_fn="predict_proba",
)
