"""A forest that FastPredictor does not know, so that it is answered in batches."""

from sklearn.ensemble import RandomForestClassifier


class Unknown(RandomForestClassifier):
    """A forest by another name."""
