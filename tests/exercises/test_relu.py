"""Notebook 04: wrong answers to its exercises."""

import numpy as np
from exercise_tests import ExerciseTests

WRONG_ANSWERS = {
    "check_relu_kernel_gradient": {
        "the bug": lambda x, k, b, g: x.T @ (g * (np.maximum(x @ k + b, 0) >= 0)),
        "no slope": lambda x, k, b, g: x.T @ g,
        "value instead of slope": lambda x, k, b, g: x.T @ (g * np.maximum(x @ k + b, 0)),
        "slope from the wrong side": lambda x, k, b, g: x.T @ (g * (x @ k + b < 0)),
        "bias forgotten": lambda x, k, b, g: x.T @ (g * (x @ k > 0)),
        "gradient of the bias": lambda x, k, b, g: (g * (x @ k + b > 0)).sum(axis=0),
    },
    "check_kinks": {
        "wrong sign": lambda k, b, low, high: np.sort(
            [b for b in b[k[0] != 0] / k[0][k[0] != 0] if low < b < high]
        ),
        "all units": lambda k, b, low, high: np.sort(-b / k[0]),
        "upside down": lambda k, b, low, high: np.sort(-k[0] / b)[:3],
        "not sorted": lambda k, b, low, high: np.array([-0.5, 2.0, 0.25]),
    },
    "check_he_standard_deviation": {
        "variance": lambda shape: 2 / np.prod(shape[:-1]),
        "fan-out": lambda shape: np.sqrt(2 / shape[-1]),
        "Glorot": lambda shape: np.sqrt(2 / (np.prod(shape[:-1]) + shape[-1])),
        "one instead of two": lambda shape: np.sqrt(1 / np.prod(shape[:-1])),
        "inputs only": lambda shape: np.sqrt(2 / shape[-2]),
        "something else": lambda shape: 0.05,
    },
}


class TestRelu(ExerciseTests):
    notebook = "04_relu"
    wrong_answers = WRONG_ANSWERS
