"""Notebook 03: wrong answers to its exercises."""

import numpy as np
from exercise_tests import ExerciseTests

WRONG_ANSWERS = {
    "check_tanh_from_sigmoid": {
        "not steeper": lambda sigmoid, x: 2 * sigmoid(x) - 1,
        "not moved": lambda sigmoid, x: 2 * sigmoid(2 * x),
        "not higher": lambda sigmoid, x: sigmoid(2 * x) - 0.5,
        "without sigmoid": lambda sigmoid, x: np.tanh(x),
        "one number": lambda sigmoid, x: 2 * sigmoid(2 * x[0]) - 1,
    },
    "check_slope_of_tanh": {
        "the bug": lambda output: 1 - np.tanh(output) ** 2,
        "sigmoid's": lambda output: output * (1 - output),
        "not squared": lambda output: 1 - np.abs(output),
        "one number": lambda output: 1 - output[0] ** 2,
    },
    "check_in_points": {
        "the bug": lambda outputs, targets: (
            targets.min() + outputs * (targets.max() - targets.min())
        ),
        "mean and spread": lambda outputs, targets: targets.mean() + outputs * targets.std(),
        "lowest forgotten": lambda outputs, targets: (
            (outputs + 1) / 2 * (targets.max() - targets.min())
        ),
        "its own outputs": lambda outputs, targets: np.interp(
            outputs, [outputs.min(), outputs.max()], [targets.min(), targets.max()]
        ),
        "one number": lambda outputs, targets: targets.mean(),
    },
}


class TestTanh(ExerciseTests):
    notebook = "03_tanh"
    wrong_answers = WRONG_ANSWERS
