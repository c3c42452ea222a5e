"""What arrives at Northgate? Postcode digits off parcels, bag after bag.

The digits are scikit-learn's `load_digits`: 1,797 images of 8 x 8 pixels, each from 0
(white) to 16 (black). They are stored block after block, and the blocks differ, as
mail bags do. The edges of the 14 blocks were published in the scikit-learn course
(INRIA/scikit-learn-mooc, cross_validation_grouping.py, CC-BY 4.0).
"""

from dataclasses import dataclass

import numpy as np
from sklearn.datasets import load_digits

PIXEL_MAX = 16
# fmt: off
_EDGES = (0, 130, 256, 386, 516, 646, 776,  # bags 1 to 6
          915, 1029, 1157, 1287, 1415, 1545, 1667, 1797)  # bags 7 to 14
# fmt: on
_LAST_TRAINING_BAG = 6


@dataclass(frozen=True)
class Bag:
    """Cards and the digits that are truly on them."""

    X: np.ndarray  # shape (n, 64), pixels from 0 (white) to 16 (black), row by row
    y: np.ndarray  # shape (n,), digits 0 to 9

    def __len__(self) -> int:
        return len(self.y)

    def __repr__(self) -> str:
        low, high = self.y.min(), self.y.max()
        return f"{len(self)} cards of 8 x 8 pixels, digits {low} to {high}"


def _bags(first: int, last: int) -> Bag:
    X, y = load_digits(return_X_y=True)
    cut = slice(_EDGES[first - 1], _EDGES[last])
    return Bag(X[cut], y[cut])


def training_bags() -> Bag:
    """Return bags 1 to 6 as one: the 776 cards that a model may learn from."""
    return _bags(1, _LAST_TRAINING_BAG)


def arriving_bags() -> dict[int, Bag]:
    """Return bags 7 to 14, one a week, by their number: 1,021 cards in all."""
    first = _LAST_TRAINING_BAG + 1
    return {bag: _bags(bag, bag) for bag in range(first, len(_EDGES))}


def blank_cards(n: int = 1) -> np.ndarray:
    """Return n cards with nothing on them, shape (n, 64), all 0."""
    return np.zeros((n, 64))


def noise_cards(n: int, *, seed: int) -> np.ndarray:
    """Return n cards of pure noise, shape (n, 64), whole pixels from 0 to 16."""
    rng = np.random.default_rng(seed)
    return rng.integers(0, PIXEL_MAX + 1, size=(n, 64)).astype(float)


def rescale(X: np.ndarray) -> np.ndarray:
    """Return the cards with pixels from 0 to 1, as some clients like to send them."""
    return X / PIXEL_MAX


def shift_camera(X: np.ndarray, *, pixels: int = 1) -> np.ndarray:
    """Return the cards as a camera sees them that points `pixels` too far left.

    Each digit moves to the right; what leaves the picture is lost, white comes in.
    """
    if not 0 <= pixels <= 8:
        raise ValueError(f"a card is 8 wide: pixels must be 0 to 8, got {pixels}")
    pictures = np.pad(X.reshape(-1, 8, 8), ((0, 0), (0, 0), (pixels, 0)))
    return pictures[:, :, :8].reshape(-1, 64)
