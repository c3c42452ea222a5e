"""Serve one model of each kind until this process is told to end.

It runs in the workbook's environment, which the browser's has no part of. It prints one
line of JSON: {name: address}, a key, and some cards with their digits. The argument is
a folder to write into.
"""

import json
import sys
from pathlib import Path

import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import IsolationForest
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import SVC

from lessonlib.choose.traffic import split_app
from lessonlib.learn.log import PredictionLog
from lessonlib.mail import training_bags
from lessonlib.save.artifacts import load_model, save_model
from lessonlib.save.columns import Column
from lessonlib.serve.flask_app import prediction_app
from lessonlib.serve.keys import Keys, new_key
from lessonlib.serve.server import serve, stop_all

FOLDER, PAST, CARDS = Path(sys.argv[1]), training_bags(), training_bags().X[::8]
HOSTILE = "<script>document.title = 'broken'</script>\"'\u2028&amp;"
POSTCODES = 7_654_321 + PAST.y
WORDS = ["a parcel", "a letter", "two parcels", "many letters"]
PARCELS = pd.DataFrame(
    {
        "weight": [1.5, None, 3.0, 8.5] * 5,
        "pieces": [1, 2, 3, 4] * 5,
        "zone": ["town", "county", "abroad", "town"] * 5,
        "note": ["", "fragile", None, "this side up"] * 5,
        "insured": [True, False, False, True] * 5,
        "posted": pd.Timestamp("2026-11-30"),
    }
)
STRANGE = pd.DataFrame({HOSTILE: [HOSTILE, ""] * 200, "__proto__": range(400)})


def saved(name, model, X, y=None, **how):
    save_model(model.fit(X, y), FOLDER / name, example=X[:20], **how)
    return load_model(FOLDER / name)


def parcels_model():
    parts = (OneHotEncoder(), ["zone"]), (SimpleImputer(), ["weight"])
    table = make_column_transformer(*parts, ("passthrough", ["pieces"]))
    return make_pipeline(table, LinearRegression())


def strange_model():
    table = make_column_transformer((OneHotEncoder(), [0]), ("passthrough", [1]))
    columns = [Column(HOSTILE, "category", choices=(HOSTILE, "")), Column("__proto__")]
    labels = [f"{HOSTILE} {i}" for i in range(400)]
    model = make_pipeline(table, MultinomialNB())
    return saved("hostile", model, STRANGE, labels, columns=columns)


def first(rows):
    return rows[:, 0]


def digits_model(name, model):
    return saved(name, model, PAST.X, PAST.y, image=(8, 8, 16))


first.__name__ = HOSTILE
log, key = PredictionLog(FOLDER / "log.db"), new_key(FOLDER / "keys", "ada")
logistic = make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000))
digits, sure = digits_model("digits", SVC()), digits_model("logistic", logistic)
forest = IsolationForest(n_estimators=10, random_state=0)
reader = make_pipeline(CountVectorizer(), MultinomialNB())
MODELS = {
    "digits": digits,
    "logistic": sure,
    "table": saved("table", parcels_model(), PARCELS, range(20)),
    "words": saved("words", reader, WORDS, [0, 1, 0, 1]),
    "two targets": saved("two", LinearRegression(), PAST.X[:, :4], PAST.X[:, 4:6]),
    "outliers": saved("outliers", forest, PAST.X[:, 2:5]),
    "hostile": strange_model(),
    "postcodes": saved("postcodes", DummyClassifier(), PAST.X[:, :2], POSTCODES),
}
apps = {name: prediction_app(model, log=log) for name, model in MODELS.items()}
apps |= {
    "a plain function": prediction_app(first, columns=40),
    "keys": prediction_app(digits, keys=Keys(FOLDER / "keys")),
    "split": split_app({"control": digits, "treatment": sure}, experiment="e"),
}
known = {name: serve(app, name=name).url for name, app in apps.items()}
known |= {"key": key, "cards": CARDS.tolist(), "truth": PAST.y[::8].tolist()}
print(json.dumps(known), flush=True)
sys.stdin.read()
stop_all()
