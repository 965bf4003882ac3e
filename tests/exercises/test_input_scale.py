"""Notebook 05: wrong answers to its exercises."""

import numpy as np
from exercise_tests import ExerciseTests


def standard(x, of):
    return (x - of.mean()) / of.std()


WRONG_ANSWERS = {
    "check_learning_rate_limit": {
        "jumps to the bottom": lambda hessian: 1 / np.linalg.eigvalsh(hessian).max(),
        "smallest curvature": lambda hessian: 2 / np.linalg.eigvalsh(hessian).min(),
        "largest entry": lambda hessian: 2 / hessian.max(),
        "sum of the curvatures": lambda hessian: 2 / np.trace(hessian),
    },
    "check_in_other_units": {
        "rate not squared": lambda kernel, rate, factor: (kernel / factor, rate / factor),
        "rate kept": lambda kernel, rate, factor: (kernel / factor, rate),
        "kernel kept": lambda kernel, rate, factor: (kernel, rate / factor**2),
        "the wrong way round": lambda kernel, rate, factor: (kernel * factor, rate * factor**2),
        "one thing": lambda kernel, rate, factor: kernel / factor,
    },
    "check_standardize": {
        "the bug": lambda train, test: (standard(train, train), standard(test, test)),
        "both together": lambda train, test: tuple(
            standard(part, np.append(train, test)) for part in (train, test)
        ),
        "test left as it is": lambda train, test: (standard(train, train), test),
        "only one": lambda train, test: standard(train, train),
        "own mean, common deviation": lambda train, test: tuple(
            (part - part.mean()) / train.std() for part in (train, test)
        ),
    },
}


class TestInputScale(ExerciseTests):
    notebook = "05_input_scale"
    wrong_answers = WRONG_ANSWERS
