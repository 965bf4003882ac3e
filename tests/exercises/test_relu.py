"""Notebook 04: wrong answers to its exercises."""

from helpers import exercises

import keras
import numpy as np
from exercise_tests import ExerciseTests

TENT = [(1, 1, 1), (1, 0, -2), (1, -1, 1)]  # weight, bias and outgoing weight of each unit


def by_hand(units, steps=1, activation="relu", last=None):
    """A network with these hinges that claims to have been trained for so many steps."""
    weights, biases, outgoing = np.transpose(units).astype("float32")
    hidden = keras.layers.Dense(len(units), activation=activation)
    network = keras.Sequential([keras.Input((1,)), hidden, keras.layers.Dense(1, activation=last)])
    network.set_weights([weights[None], biases, outgoing[:, None], np.zeros(1)])
    network.compile(loss="mse")
    network.optimizer.iterations.assign(steps)
    return network


WRONG_ANSWERS = {
    "check_relu_kernel_gradient": {
        "the bug": lambda x, k, b, g: x.T @ (g * (np.maximum(x @ k + b, 0) >= 0)),
        "no slope": lambda x, k, b, g: x.T @ g,
        "value instead of slope": lambda x, k, b, g: x.T @ (g * np.maximum(x @ k + b, 0)),
        "slope from the wrong side": lambda x, k, b, g: x.T @ (g * (x @ k + b < 0)),
        "bias forgotten": lambda x, k, b, g: x.T @ (g * (x @ k > 0)),
        "gradient of the bias": lambda x, k, b, g: (g * (x @ k + b > 0)).sum(axis=0),
    },
    "check_tent": {
        "not trained": by_hand(TENT, steps=0),
        "nine units": by_hand([*TENT, *6 * [(1, 0, 0)]]),
        "two hinges": by_hand(TENT[:2]),
        "the shelf": by_hand([(1, 1, 1), (1, -0.5, -2), (1, -1, 1)]),
        "all units off": by_hand([(-1, -3, 1)]),
        "leaky ReLU": by_hand(TENT, activation="leaky_relu"),
        "ReLU at the end": by_hand(TENT, last="relu"),
        "two inputs": keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)]),
        "no hidden layer": keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)]),
        "layers only": [keras.layers.Dense(3, activation="relu"), keras.layers.Dense(1)],
    },
}


class TestRelu(ExerciseTests):
    notebook = "04_relu"
    wrong_answers = WRONG_ANSWERS

    def test_hinges_in_their_places_are_right(self, capsys):
        exercises.check_tent(by_hand(TENT))
        exercises.check_tent(by_hand([*TENT, *5 * [(1, 0, 0)]]))
        assert capsys.readouterr().out.count("Right.") == 2
