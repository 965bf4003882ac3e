"""Notebook 16: wrong answers to its exercises."""

from helpers import exercises, models

import keras
import numpy as np
import pytest
from exercise_tests import ExerciseTests


def count(verdicts, *words):
    return sum(verdict in words for verdict in verdicts)


def compiled(steps=0, **sizes):
    """S0's network, or one of other sizes, that has seen no image, though its optimizer counts this many steps."""
    network = models.build_mlp((128, 64), **sizes)
    network.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    network.optimizer.iterations.assign(steps)
    return network


def large_batches(x, y):
    network = compiled()
    network.fit(x, y, batch_size=2000, verbose=0)
    return network


WRONG_ANSWERS = {
    "check_stratified_folds": {
        "blocks": lambda labels, k: np.arange(len(labels)) * k // len(labels),
        "dealt out without a look at the class": lambda labels, k: np.arange(len(labels)) % k,
        "at random": lambda labels, k: np.random.default_rng(0).integers(0, k, len(labels)),
        "sorted, then blocks": lambda labels, k: np.argsort(np.argsort(labels)) * k // len(labels),
        "counted from 1": lambda labels, k: np.argsort(np.argsort(labels, kind="stable")) % k + 1,
        "a list of indices": lambda labels, k: np.array_split(np.arange(len(labels)), k)[0],
    },
    "check_beat_the_baseline": {
        "not compiled": lambda x, y: models.build_mlp((128, 64)),
        "not trained": lambda x, y: compiled(),
        "too few steps": large_batches,
        "one step too many": lambda x, y: compiled(steps=3377),
        "ends in softmax": lambda x, y: keras.Sequential([compiled(), keras.layers.Softmax()]),
        "two answers": lambda x, y: compiled(outputs=2),
        "the accuracy, not the network": lambda x, y: 0.9,
    },
}


class TestChoosing(ExerciseTests):
    notebook = "16_choosing"
    wrong_answers = WRONG_ANSWERS


@pytest.mark.parametrize(
    ("steps", "message"),
    [
        (0, "your network counts no training steps. Compile it, train it with fit, and return it."),
        (3376, "it gets "),  # as many steps as the baseline, so what is judged is the accuracy
        (3377, "it took 3,377 steps, and the baseline 3,376. What costs time"),
    ],
)
def test_the_budget_is_the_baselines_number_of_steps(steps, message, capsys):
    exercises.check_beat_the_baseline(lambda x, y: compiled(steps))
    assert capsys.readouterr().out.startswith(f"Not right yet: {message}")
