"""Notebook 02: wrong answers to its exercises."""

import numpy as np
from exercise_tests import ExerciseTests


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def slope(x):
    return sigmoid(x) * (1 - sigmoid(x))


WRONG_ANSWERS = {
    "check_slope_from_output": {
        "of tanh": lambda outputs: 1 - outputs**2,
        "sigmoid twice": slope,
        "the output": lambda outputs: outputs,
        "wrong sign": lambda outputs: outputs * (1 + outputs),
        "one number": lambda outputs: 0.25,
    },
    "check_stable_sigmoid": {
        "as in the notebook": sigmoid,
        "both branches are computed": lambda x: np.where(
            x >= 0, sigmoid(x), np.exp(x) / (1 + np.exp(x))
        ),
        "cut off at 10": lambda x: sigmoid(np.clip(x, -10, 10)),
        "only for one number": lambda x: sigmoid(x) if x >= 0 else np.exp(x) / (1 + np.exp(x)),
        "mirrored": lambda x: 1 / (1 + np.exp(-np.abs(x))),
        "one number": lambda x: 0.5,
    },
    "check_sigmoid_kernel_gradient": {
        "the bug": lambda x, w, upstream: x.T @ (upstream * (x @ w) * (1 - x @ w)),
        "no slope": lambda x, w, upstream: x.T @ upstream,
        "output instead of slope": lambda x, w, upstream: x.T @ (upstream * sigmoid(x @ w)),
        "slope at the output": lambda x, w, upstream: x.T @ (upstream * slope(sigmoid(x @ w))),
        "gradient for the inputs": lambda x, w, upstream: (upstream * slope(x @ w)) @ w.T,
        "mean over examples": lambda x, w, upstream: x.T @ (upstream * slope(x @ w)) / len(x),
    },
}


class TestSigmoid(ExerciseTests):
    notebook = "02_sigmoid"
    wrong_answers = WRONG_ANSWERS
