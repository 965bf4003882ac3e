"""Notebook 16: wrong answers to its exercises."""

from helpers import exercises, models

import keras
import numpy as np
import pytest
from exercise_tests import ExerciseTests


def compiled(steps=0, **sizes):
    """The baseline's network, or one of other sizes, that has seen no image; its optimizer counts this many steps."""
    network = models.build_mlp((128, 64), input_shape=(196,), **sizes)
    network.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    network.optimizer.iterations.assign(steps)
    return network


def large_batches(x, y):
    network = compiled()
    network.fit(x, y, batch_size=2000, verbose=0)
    return network


def baseline_in_another_order(x, y):
    keras.utils.set_random_seed(0)
    network = compiled(seed=0)
    network.fit(x, y, batch_size=32, epochs=2, verbose=0)
    return network


CLAIM = "Ours gets more images right than theirs."


def ahead(seeds):
    return 86 + np.sin(seeds)


def behind(seeds):
    return 85 + np.cos(seeds)


WRONG_ANSWERS = {
    "check_beat_the_baseline": {
        "not compiled": lambda x, y: models.build_mlp((128, 64), input_shape=(196,)),
        "not trained": lambda x, y: compiled(),
        "too few steps": large_batches,
        "the baseline": baseline_in_another_order,
        "one step too many": lambda x, y: compiled(steps=1251),
        "ends in softmax": lambda x, y: keras.Sequential([compiled(), keras.layers.Softmax()]),
        "two answers": lambda x, y: compiled(outputs=2),
        "the accuracy, not the network": lambda x, y: 0.9,
    },
    "check_own_claim": {
        "only the two functions": (ahead, behind),
        "no sentence": ("ReLU", 0.25, ahead, behind),
        "a delta of 0": (CLAIM, 0, ahead, behind),
        "a delta below 0": (CLAIM, -0.25, ahead, behind),
        "a word for delta": (CLAIM, "small", ahead, behind),
        "numbers, not a function": (CLAIM, 0.25, ahead(range(20)), behind),
        "one number for all seeds": (CLAIM, 0.25, lambda seeds: 85.0, behind),
        "the mean twenty times": (CLAIM, 0.25, ahead, lambda seeds: np.full(len(seeds), 85.0)),
        "the same twice": (CLAIM, 0.25, ahead, ahead),
        "diverged": (CLAIM, 0.25, lambda seeds: np.nan * ahead(seeds), behind),
        "shares, and a delta in points": (
            *(CLAIM, 0.25),
            *(lambda seeds: ahead(seeds) / 100, lambda seeds: behind(seeds) / 100),
        ),
    },
}


class TestChoosing(ExerciseTests):
    notebook = "16_choosing"
    wrong_answers = WRONG_ANSWERS


@pytest.mark.parametrize(
    ("steps", "message"),
    [
        (0, "your network counts no training steps. Compile it, train it with fit, and return it."),
        (1250, "it gets "),  # as many steps as the baseline, so what is judged is the accuracy
        (1251, "it took 1,251 steps, and the baseline 1,250. What costs time"),
    ],
)
def test_the_budget_is_the_baselines_number_of_steps(steps, message, capsys):
    exercises.check_beat_the_baseline(lambda x, y: compiled(steps))
    assert capsys.readouterr().out.startswith(f"Not right yet: {message}")


@pytest.mark.parametrize(
    ("ours", "theirs", "word"), [(ahead, behind, "supported"), (behind, ahead, "refuted")]
)
def test_a_claim_is_judged_whatever_comes_out(ours, theirs, word, capsys):
    exercises.check_own_claim((CLAIM, 0.25, ours, theirs))
    told = capsys.readouterr().out
    assert told.startswith("Right. The claim, its measure and its δ were there before")
    assert f"\n“{CLAIM}” Ours is " in told
    assert f": {word} (with δ = 0.25)." in told
