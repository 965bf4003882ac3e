"""Notebook 09: wrong answers to its exercises."""

import keras
import numpy as np
from exercise_tests import ExerciseTests


def build_twenty(
    initial_weights="glorot_normal", activation="tanh", rate=0.1, layers=20, last="linear"
):
    def build(seed):
        keras.utils.set_random_seed(seed)
        pixels = keras.Input((28, 28))
        hidden = keras.layers.Flatten()(pixels)
        for _ in range(layers):
            hidden = keras.layers.Dense(64, kernel_initializer=initial_weights)(hidden)
            hidden = keras.layers.Activation(activation)(hidden)
        network = keras.Model(pixels, keras.layers.Dense(10, activation=last)(hidden))
        return (network, rate) if rate else network

    return build


def tanh_slope(z):
    return 1 - np.tanh(z) ** 2


WRONG_ANSWERS = {
    "check_twenty_layers": {
        "the patient": build_twenty("random_normal", "sigmoid"),
        "Glorot's weights alone": build_twenty(activation="sigmoid"),
        "ReLU with small weights": build_twenty("random_normal", "relu"),
        "a rate that diverges": build_twenty("he_normal", "relu", rate=3.0),
        "no rate": build_twenty(rate=None),
        "a rate of 0": build_twenty(rate=0.0 + 1e-300),
        "fewer layers": build_twenty(layers=3),
        "no activation": build_twenty(activation="linear"),
        "softmax twice": build_twenty(last="softmax"),
    },
    "check_residual_backward": {
        "the bug": lambda x, kernel, arriving: (
            arriving + (arriving * (1 - (x + np.tanh(x @ kernel)) ** 2)) @ kernel.T
        ),
        "no road around": lambda x, kernel, arriving: (
            (arriving * tanh_slope(x @ kernel)) @ kernel.T
        ),
        "no slope": lambda x, kernel, arriving: arriving + arriving @ kernel.T,
        "kernel not turned": lambda x, kernel, arriving: (
            arriving + (arriving * tanh_slope(x @ kernel)) @ kernel
        ),
        "the gradient for the kernel": lambda x, kernel, arriving: (
            x.T @ (arriving * tanh_slope(x @ kernel))
        ),
        "a slope of 1 added to tanh's": lambda x, kernel, arriving: (
            (arriving * (1 + tanh_slope(x @ kernel))) @ kernel.T
        ),
    },
}


class TestGradientFlow(ExerciseTests):
    notebook = "09_gradient_flow"
    wrong_answers = WRONG_ANSWERS
