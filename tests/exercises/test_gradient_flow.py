"""Notebook 09: wrong answers to its exercises."""

import numpy as np
from exercise_tests import ExerciseTests

WRONG_ANSWERS = {
    "check_layers_until": {
        "one too few": lambda slope, bound: np.floor(np.log(bound) / np.log(slope)),
        "not rounded": lambda slope, bound: np.log(bound) / np.log(slope),
        "rounded up, wrong where it meets the bound": lambda slope, bound: np.ceil(
            np.log(bound) / np.log(slope)
        ),
        "proportion in place of power": lambda slope, bound: np.ceil(slope / bound),
    },
    "check_one_layer_back": {
        "no slope": lambda delta, kernel, a: delta @ kernel.T,
        "kernel not turned": lambda delta, kernel, a: (delta @ kernel) * (1 - a**2),
        "tanh twice": lambda delta, kernel, a: (delta @ kernel.T) * (1 - np.tanh(a) ** 2),
        "slope of sigmoid": lambda delta, kernel, a: (delta @ kernel.T) * a * (1 - a),
        "summed over the images": lambda delta, kernel, a: delta.sum(axis=0) @ kernel.T,
    },
    "check_typical_sizes": {
        "the bug": lambda gradients: [np.linalg.norm(gradient) for gradient in gradients],
        "divided by the number": lambda gradients: [
            np.linalg.norm(g) / np.size(g) for g in gradients
        ],
        "the mean": lambda gradients: [np.mean(gradient) for gradient in gradients],
        "one number for all": lambda gradients: np.sqrt(np.mean(np.square(gradients[0]))),
    },
}


class TestGradientFlow(ExerciseTests):
    notebook = "09_gradient_flow"
    wrong_answers = WRONG_ANSWERS
