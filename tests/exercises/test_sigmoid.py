"""Notebook 02: wrong answers to its exercises."""

from helpers import exercises

import keras
import numpy as np
from exercise_tests import ExerciseTests


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def slope(x):
    return sigmoid(x) * (1 - sigmoid(x))


def build(factor=4.0, hidden=6, activation="sigmoid", output="softmax", initializer=None):
    """A function that answers exercise 2 with weights of `factor` over the root of the inputs."""

    def build_six(seed):
        keras.utils.set_random_seed(seed)
        network = keras.Sequential([keras.Input((28, 28)), keras.layers.Flatten()])
        for number in range(hidden):
            spread = factor / np.sqrt(64 if number else 784)
            initial = initializer or keras.initializers.RandomNormal(stddev=spread)
            network.add(keras.layers.Dense(64, activation, kernel_initializer=initial))
        network.add(keras.layers.Dense(10, output))
        return network

    return build_six


def with_normalization(seed):
    network = build(1)(seed)
    return keras.Sequential(
        [network.layers[0], keras.layers.BatchNormalization(), *network.layers[1:]]
    )


WRONG_ANSWERS = {
    "check_sigmoid_kernel_gradient": {
        "the bug": lambda x, w, upstream: x.T @ (upstream * (x @ w) * (1 - x @ w)),
        "no slope": lambda x, w, upstream: x.T @ upstream,
        "output instead of slope": lambda x, w, upstream: x.T @ (upstream * sigmoid(x @ w)),
        "slope at the output": lambda x, w, upstream: x.T @ (upstream * slope(sigmoid(x @ w))),
        "gradient for the inputs": lambda x, w, upstream: (upstream * slope(x @ w)) @ w.T,
        "mean over examples": lambda x, w, upstream: x.T @ (upstream * slope(x @ w)) / len(x),
    },
    "check_initial_weights": {
        "as Glorot's": build(1),
        "by He's rule": build(initializer="he_normal"),
        "all zero": build(0),
        "far too large": build(100),
        "five layers": build(hidden=5),
        "ReLU": build(activation="relu"),
        "logits": build(output=None),
        "normalized": with_normalization,
    },
}


class TestSigmoid(ExerciseTests):
    notebook = "02_sigmoid"
    wrong_answers = WRONG_ANSWERS


def test_check_takes_weights_around_the_solution(capsys):
    for factor in (3, 6):
        exercises.check_initial_weights(build(factor))
        assert capsys.readouterr().out.startswith("Right.")
