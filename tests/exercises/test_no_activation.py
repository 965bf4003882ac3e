"""Notebook 01: wrong answers to its exercises."""

from helpers import models

import keras
import numpy as np
from exercise_tests import ExerciseTests


def with_rate(learning_rate, epochs):
    """An answer that trains with RMSprop."""

    def answer(network, x, y):
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        network.compile(keras.optimizers.RMSprop(learning_rate), loss, jit_compile=True)
        network.fit(x[:2_000], y[:2_000], batch_size=128, epochs=epochs, verbose=0)
        return network

    return answer


WRONG_ANSWERS = {
    "check_xor_weights": {
        "or": ([[1, 1], [1, 1]], [0, -1], [1, -1], 0),
        "no bias": ([[1, 1], [1, 1]], [0, 0], [1, -2], 0),
        "one row too few": ([1, 1], [0, -1], [1, -2], 0),
        "only constant": (np.zeros((2, 2)), [0, 0], [0, 0], 0.5),
    },
    "check_rescue": {
        "untrained": lambda network, x, y: network,
        "steps too long": with_rate(0.01, 1),
        "too little training": with_rate(0.00001, 1),
        "another network": lambda network, x, y: models.build_mlp((256,), activation=None),
        "with an activation": lambda network, x, y: models.build_mlp((256,) * 6, "tanh"),
        "the history": lambda network, x, y: {"loss": [0.1]},
    },
    "check_is_one_layer": {
        "the bug": lambda f: np.allclose(f(np.ones((1, 4)) * 2), 2 * f(np.ones((1, 4)))),
        "always": lambda f: True,
        "never": lambda f: False,
        "zero goes to zero": lambda f: np.allclose(f(np.zeros((1, 4))), 0),
    },
}


class TestNoActivation(ExerciseTests):
    notebook = "01_no_activation"
    wrong_answers = WRONG_ANSWERS
