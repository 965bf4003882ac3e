"""Notebook 07: wrong answers to its exercises."""

import numpy as np
from exercise_tests import ExerciseTests


def softmax_rows(logits):
    return np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)


def losses(z, t):
    return np.logaddexp.reduce(z, axis=1) - z[range(2), t]


WRONG_ANSWERS = {
    "check_stable_softmax": {
        "overflows": softmax_rows,
        "highest of the whole array": lambda z: (
            np.exp(z - z.max()) / np.exp(z - z.max()).sum(axis=1, keepdims=True)
        ),
        "wrong axis": lambda z: np.exp(z - z.max(axis=0)) / np.exp(z - z.max(axis=0)).sum(axis=0),
        "hard maximum": lambda z: np.eye(3)[z.argmax(axis=1)],
        "one row": lambda z: np.exp(z[0]) / np.exp(z[0]).sum(),
    },
    "check_cross_entropy": {
        "log of a softmax that overflows": lambda z, t: np.mean(
            -np.log(softmax_rows(z)[range(2), t])
        ),
        "sum of powers overflows": lambda z, t: np.mean(
            np.log(np.exp(z).sum(axis=1)) - z[range(2), t]
        ),
        "sum over images": lambda z, t: np.sum(losses(z, t)),
        "not averaged": losses,
        "sign": lambda z, t: np.mean(-losses(z, t)),
    },
    "check_mean_gradient": {
        "the bug": lambda z, t: (softmax_rows(softmax_rows(z)) - np.eye(4)[t]) / len(t),
        "sum over images": lambda z, t: softmax_rows(z) - np.eye(4)[t],
        "sign": lambda z, t: (np.eye(4)[t] - softmax_rows(z)) / len(t),
        "mean over classes, too": lambda z, t: (softmax_rows(z) - np.eye(4)[t]) / z.size,
        "averaged away": lambda z, t: np.mean(softmax_rows(z) - np.eye(4)[t], axis=0),
    },
}


class TestSoftmaxAndCrossEntropy(ExerciseTests):
    notebook = "07_softmax_and_cross_entropy"
    wrong_answers = WRONG_ANSWERS
