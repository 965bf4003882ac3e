"""Notebook 06: wrong answers to its exercises."""

import numpy as np
from exercise_tests import ExerciseTests

WRONG_ANSWERS = {
    "check_prelu_gradients": {
        "arriving forgotten": lambda x, a, g: (np.where(x > 0, 1.0, a), np.sum(np.minimum(x, 0))),
        "no sum": lambda x, a, g: (g * np.where(x > 0, 1.0, a), g * np.minimum(x, 0)),
        "slope learns from both sides": lambda x, a, g: (
            g * np.where(x > 0, 1.0, a),
            np.sum(g * x),
        ),
        "sides swapped": lambda x, a, g: (
            g * np.where(x > 0, a, 1.0),
            np.sum(g * np.minimum(x, 0)),
        ),
        "one thing only": lambda x, a, g: g * np.where(x > 0, 1.0, a),
    },
    "check_count_dead": {
        "rows instead of columns": lambda z: np.sum(np.all(z <= 0, axis=1)),
        "below 0 only": lambda z: np.sum(np.all(z < 0, axis=0)),
        "silent once": lambda z: np.sum(np.any(z <= 0, axis=0)),
        "NaN is no death": lambda z: np.sum(np.all(z <= 0, axis=0)),
        "NaN is death": lambda z: np.sum(~np.any(z > 0, axis=0)),
    },
    "check_dead_over_batches": {
        "the bug": lambda batches: np.sum(
            np.any([np.all(z <= 0, axis=0) for z in batches], axis=0)
        ),
        "first batch": lambda batches: np.sum(np.all(batches[0] <= 0, axis=0)),
        "last batch": lambda batches: np.sum(np.all(batches[-1] <= 0, axis=0)),
        "sum over batches": lambda batches: sum(np.sum(np.all(z <= 0, axis=0)) for z in batches),
    },
}


class TestLeakyRelu(ExerciseTests):
    notebook = "06_leaky_relu"
    wrong_answers = WRONG_ANSWERS
