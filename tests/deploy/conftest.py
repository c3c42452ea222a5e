"""Three models that people bring: numbers, a table with words and gaps, texts."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from lessonlib.deploy.packages import service_requirements
from lessonlib.mail import training_bags
from lessonlib.save.artifacts import save_model
from lessonlib.save.manifest import libraries
from lessonlib.serve.contract import Contract

PAST = training_bags()
TOWNS = pd.DataFrame(
    {"town": ["Leeds", "York", None, "Hull"] * 6, "weight": np.arange(24) / 2}
)
TOWNS.loc[3, "weight"] = None
WORDS = make_pipeline(SimpleImputer(strategy="most_frequent"), OneHotEncoder())
TABLE = make_column_transformer((WORDS, ["town"]), (SimpleImputer(), ["weight"]))
TEXTS = np.array(["a good parcel", "a lost parcel"] * 5)
MODELS = {
    "array": (RandomForestClassifier(5, random_state=0), PAST.X, PAST.y),
    "frame": (make_pipeline(TABLE, LogisticRegression()), TOWNS, TOWNS.weight > 5),
    "texts": (make_pipeline(CountVectorizer(), LogisticRegression()), TEXTS, TEXTS),
}


@pytest.fixture(scope="session")
def folder_of(tmp_path_factory):
    """Return a function: from a form to folder and manifest of a saved model."""
    made = {}

    def folder_of(form):
        if form not in made:
            model, X, y = MODELS[form]
            folder = tmp_path_factory.mktemp(form) / "northgate"
            manifest = save_model(model.fit(X, y), folder, example=X[:20])
            made[form] = folder, manifest
        return made[form]

    return folder_of


@pytest.fixture(scope="session")
def bare():
    """The manifest of a model made with what every model needs."""
    return replace(Contract(len, columns=1).manifest, libraries=libraries())


@pytest.fixture
def locked(bare):
    """Ask for the lock's versions: no others have hashes."""
    if "--hash" not in service_requirements(bare):
        pytest.skip("other versions than those of requirements.lock have no hashes")
