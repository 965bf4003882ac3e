"""Notebook 11: wrong answers to its exercises."""

import numpy as np
from exercise_tests import ExerciseTests


def descend(w, gradients, epochs, rate, beta, forgets="never"):
    """Momentum that sets its velocity to 0 "never", in "each epoch" or in "each step"."""
    v = 0.0
    for _ in range(epochs):
        v = 0.0 if forgets == "each epoch" else v
        for gradient in gradients:
            v = (0.0 if forgets == "each step" else beta * v) - rate * gradient(w)
            w = w + v
    return w


def steepest(hessian):
    return np.linalg.eigvalsh(hessian).max()


WRONG_ANSWERS = {
    "check_train_with_momentum": {
        "the bug": lambda w, g, epochs, rate, beta: descend(w, g, epochs, rate, beta, "each epoch"),
        "anew in each step": lambda w, g, epochs, rate, beta: descend(
            w, g, epochs, rate, beta, "each step"
        ),
        "one epoch only": lambda w, g, epochs, rate, beta: descend(w, g, 1, rate, beta),
        "rate applied twice": lambda w, g, epochs, rate, beta: descend(w, g, epochs, rate**2, beta),
        "uphill": lambda w, g, epochs, rate, beta: descend(w, g, epochs, -rate, beta),
    },
    "check_momentum_limit": {
        "plain descent's": lambda hessian, beta: 2 / steepest(hessian),
        "Nesterov's": lambda hessian, beta: 2 * (1 + beta) / (1 + 2 * beta) / steepest(hessian),
        "effective step below the limit": lambda hessian, beta: 2 * (1 - beta) / steepest(hessian),
        "smallest curvature": lambda hessian, beta: (
            2 * (1 + beta) / np.linalg.eigvalsh(hessian).min()
        ),
        "largest entry": lambda hessian, beta: 2 * (1 + beta) / hessian.max(),
    },
    "check_keras_rate": {
        "the same": lambda rate, beta: rate,
        "the wrong way round": lambda rate, beta: rate / (1 - beta),
        "times beta": lambda rate, beta: rate * beta,
        "sign": lambda rate, beta: -rate * (1 - beta),
    },
}


class TestMomentum(ExerciseTests):
    notebook = "11_momentum"
    wrong_answers = WRONG_ANSWERS
