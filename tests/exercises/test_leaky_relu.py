"""Notebook 06: wrong answers to its exercises."""

import numpy as np
from exercise_tests import ExerciseTests

WRONG_ANSWERS = {
    "check_dead_over_batches": {
        "the bug": lambda batches: np.sum(
            np.any([np.all(z <= 0, axis=0) for z in batches], axis=0)
        ),
        "first batch": lambda batches: np.sum(np.all(batches[0] <= 0, axis=0)),
        "last batch": lambda batches: np.sum(np.all(batches[-1] <= 0, axis=0)),
        "sum over batches": lambda batches: sum(np.sum(np.all(z <= 0, axis=0)) for z in batches),
    },
    "check_save_the_units": {
        "unchanged": lambda pixels, training: pixels,
        "larger": lambda pixels, training: 255 * pixels,
        "nearly nothing left": lambda pixels, training: pixels / 1000,
        "nothing left": lambda pixels, training: 0 * pixels,
        "one number per image": lambda pixels, training: pixels.mean(axis=(1, 2)),
        "divided by 0": lambda pixels, training: np.where(pixels > 0, pixels, np.nan),
    },
}


class TestLeakyRelu(ExerciseTests):
    notebook = "06_leaky_relu"
    wrong_answers = WRONG_ANSWERS
