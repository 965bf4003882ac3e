"""Notebook 14: wrong answers to its exercises."""

import numpy as np
from exercise_tests import ExerciseTests


def place_of_largest(matrix):
    return np.unravel_index(matrix.argmax(), matrix.shape)


WRONG_ANSWERS = {
    "check_precision_and_recall": {
        "swapped": lambda m, d: (m[d, d] / m[d].sum(), m[d, d] / max(m[:, d].sum(), 1)),
        "divides by 0": lambda m, d: (np.divide(m[d, d], m[:, d].sum()), m[d, d] / m[d].sum()),
        "share of all": lambda m, d: (m[d, d] / m.sum(),) * 2,
        "recall only": lambda m, d: m[d, d] / m[d].sum(),
        "without the right ones": lambda m, d: tuple(
            m[d, d] / max(part.sum() - m[d, d], 1) for part in (m[:, d], m[d])
        ),
    },
    "check_most_confused": {
        "largest cell": place_of_largest,
        "one direction": lambda matrix: place_of_largest(np.triu(matrix, k=1)),
        "larger first": lambda matrix: place_of_largest(np.tril(matrix + matrix.T, k=-1)),
        "classes with most mistakes": lambda matrix: tuple(
            np.sort(np.argsort(matrix.sum(axis=1) - np.diag(matrix), kind="stable")[-2:])
        ),
        "one class": lambda matrix: 0,
    },
    "check_gain_of_relu": {
        "the bug": lambda accuracy: accuracy["relu", "Adam"] - accuracy["sigmoid", "SGD"],
        "one optimizer": lambda accuracy: accuracy["relu", "Adam"] - accuracy["sigmoid", "Adam"],
        "sum": lambda accuracy: sum(
            v if a == "relu" else -v for (a, _), v in accuracy.items() if a != "tanh"
        ),
        "against all others": lambda accuracy: (
            np.mean([v for (a, _), v in accuracy.items() if a == "relu"])
            - np.mean([v for (a, _), v in accuracy.items() if a != "relu"])
        ),
    },
}


class TestFourCombinations(ExerciseTests):
    notebook = "14_four_combinations"
    wrong_answers = WRONG_ANSWERS
