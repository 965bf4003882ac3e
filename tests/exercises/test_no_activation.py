"""Notebook 01: wrong answers to its exercises."""

import itertools

import numpy as np
from exercise_tests import ExerciseTests


def count_weights(sizes):
    return sum(a * b for a, b in itertools.pairwise(sizes))


WRONG_ANSWERS = {
    "check_count_parameters": {
        "no biases": count_weights,
        "a bias for inputs": lambda sizes: count_weights(sizes) + sum(sizes),
        "layers only": lambda sizes: sum(sizes),
        "as in the table of the post": lambda sizes: 1_457_674,
    },
    "check_xor_weights": {
        "or": ([[1, 1], [1, 1]], [0, -1], [1, -1], 0),
        "no bias": ([[1, 1], [1, 1]], [0, 0], [1, -2], 0),
        "one row too few": ([1, 1], [0, -1], [1, -2], 0),
        "only constant": (np.zeros((2, 2)), [0, 0], [0, 0], 0.5),
    },
    "check_is_affine": {
        "the bug": lambda f: np.allclose(f(np.ones((1, 4)) * 2), 2 * f(np.ones((1, 4)))),
        "always": lambda f: True,
        "never": lambda f: False,
        "zero goes to zero": lambda f: np.allclose(f(np.zeros((1, 4))), 0),
    },
}


class TestNoActivation(ExerciseTests):
    notebook = "01_no_activation"
    wrong_answers = WRONG_ANSWERS
