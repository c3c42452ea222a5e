import numpy as np
import pytest
from sklearn.datasets import load_digits

from lessonlib.mail import (
    arriving_bags,
    blank_cards,
    noise_cards,
    rescale,
    shift_camera,
    training_bags,
)


def test_all_bags_together_are_the_whole_data_set_in_order():
    bags = [training_bags(), *arriving_bags().values()]
    X, y = load_digits(return_X_y=True)
    assert np.array_equal(np.vstack([bag.X for bag in bags]), X)
    assert np.array_equal(np.hstack([bag.y for bag in bags]), y)


def test_the_training_bags_hold_776_cards_and_eight_more_bags_arrive():
    assert len(training_bags()) == 776
    assert list(arriving_bags()) == [7, 8, 9, 10, 11, 12, 13, 14]
    assert sum(len(bag) for bag in arriving_bags().values()) == 1021


def test_every_bag_holds_every_digit():
    for bag in arriving_bags().values():
        assert set(bag.y) == set(range(10))


def test_a_bag_prints_as_one_sentence():
    assert repr(training_bags()) == "776 cards of 8 x 8 pixels, digits 0 to 9"


def test_blank_cards_are_white():
    assert blank_cards(2).shape == (2, 64)
    assert not blank_cards(2).any()


def test_noise_is_the_same_for_the_same_seed_and_stays_in_the_range_of_pixels():
    noise = noise_cards(500, seed=3)
    assert np.array_equal(noise, noise_cards(500, seed=3))
    assert not np.array_equal(noise, noise_cards(500, seed=4))
    assert noise.min() == 0 and noise.max() == 16


def test_rescaled_cards_run_from_0_to_1_and_the_original_is_kept():
    X = training_bags().X
    assert rescale(X).max() == 1
    assert X.max() == 16


def test_a_shifted_camera_sees_digits_further_right_and_loses_the_last_column():
    card = np.arange(64.0).reshape(1, 64)
    seen = shift_camera(card).reshape(8, 8)
    assert seen[0].tolist() == [0, 0, 1, 2, 3, 4, 5, 6]
    assert np.array_equal(seen[:, 1:], card.reshape(8, 8)[:, :-1])
    assert np.array_equal(card, np.arange(64.0).reshape(1, 64))  # the original is kept


def test_a_camera_that_points_elsewhere_sees_white_and_no_further():
    X = training_bags().X
    assert not shift_camera(X, pixels=8).any()
    assert np.array_equal(shift_camera(X, pixels=0), X)
    with pytest.raises(ValueError, match="got 9"):
        shift_camera(X, pixels=9)
