"""Notebook 03: wrong answers to its exercises."""

from helpers import models

import keras
import numpy as np
from exercise_tests import ExerciseTests


def rewritten():
    """A sigmoid network with the answers of an untrained tanh network."""
    tanh = models.build_mlp((128, 64), "tanh", seed=0)
    kernel_1, bias_1, kernel_2, bias_2, kernel_3, bias_3 = tanh.get_weights()
    model = models.build_mlp((128, 64), "sigmoid", seed=0)
    first, middle = [2 * kernel_1, 2 * bias_1], [4 * kernel_2, 2 * (bias_2 - kernel_2.sum(axis=0))]
    model.set_weights([*first, *middle, 2 * kernel_3, bias_3 - kernel_3.sum(axis=0)])
    return model


WRONG_ANSWERS = {
    "check_to_sigmoid": {
        "unchanged": lambda *weights: weights,
        "not steeper": lambda k_1, b_1, k_2, b_2: (k_1, b_1, 2 * k_2, b_2 - k_2.sum(axis=0)),
        "bias not steeper": lambda k_1, b_1, k_2, b_2: (
            *(2 * k_1, b_1 + 1),
            *(2 * k_2, b_2 - k_2.sum(axis=0)),
        ),
        "not moved": lambda k_1, b_1, k_2, b_2: (2 * k_1, 2 * b_1, 2 * k_2, b_2),
        "moved by 1": lambda k_1, b_1, k_2, b_2: (2 * k_1, 2 * b_1, 2 * k_2, b_2 - 1),
        "not higher": lambda k_1, b_1, k_2, b_2: (2 * k_1, 2 * b_1, k_2, b_2 - k_2.sum(axis=0)),
        "summed along the wrong axis": lambda k_1, b_1, k_2, b_2: (
            *(2 * k_1, 2 * b_1),
            *(2 * k_2, b_2 - k_2.sum(axis=1)),
        ),
        "three arrays": lambda *weights: weights[:3],
    },
    "check_sigmoid_catches_up": {
        "the default": lambda: (models.build_mlp((128, 64), "sigmoid", seed=1), 0.001),
        "the rate alone": lambda: (models.build_mlp((128, 64), "sigmoid", seed=1), 0.004),
        "the weights alone": lambda: (rewritten(), 0.001),
        "too large a rate": lambda: (rewritten(), 1.0),
        "tanh itself": lambda: (models.build_mlp((128, 64), "tanh", seed=1), 0.001),
        "another shape": lambda: (models.build_mlp((128,), "sigmoid", seed=1), 0.001),
        "a layer more": lambda: (models.build_mlp((128, 64), keras.layers.ReLU()), 0.001),
        "no rate": lambda: models.build_mlp((128, 64), "sigmoid"),
        "a rate in words": lambda: (rewritten(), "fast"),
        "weights instead of a network": lambda: (np.zeros(3), 0.001),
    },
}


class TestTanh(ExerciseTests):
    notebook = "03_tanh"
    wrong_answers = WRONG_ANSWERS
