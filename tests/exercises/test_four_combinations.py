"""Notebook 14: wrong answers to its exercises."""

from helpers import models

import keras
import numpy as np
from exercise_tests import ExerciseTests


def means_of_groups(accuracy, optimizer, other):
    """The bug: every pair with one optimizer against every pair with the other."""
    means = []
    for name in (optimizer, other):
        means.append(np.mean([value for (_, used), value in accuracy.items() if used == name]))
    return means[0] - means[1]


def differences(accuracy, optimizer, other):
    both = [one for one, used in accuracy if used == optimizer and (one, other) in accuracy]
    return [accuracy[one, optimizer] - accuracy[one, other] for one in both]


def with_pair(activation, optimizer, epochs=3, batch_size=32, filters=(32,)):
    """An answer to the second exercise."""

    def train_my_pair(build, images, labels):
        network = models.build_cnn(filters, activation, input_shape=(14, 14))
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        network.compile(optimizer, loss=loss, steps_per_execution=50)
        network.fit(images, labels, batch_size=batch_size, epochs=epochs, verbose=0)
        return network

    return train_my_pair


def momentum(rate):
    return keras.optimizers.SGD(rate, momentum=0.9)


WRONG_ANSWERS = {
    "check_gain_of_optimizer": {
        "the bug": means_of_groups,
        "the sign": lambda accuracy, optimizer, other: (
            -np.mean(differences(accuracy, optimizer, other))
        ),
        "sum": lambda accuracy, optimizer, other: np.sum(differences(accuracy, optimizer, other)),
        "one activation": lambda accuracy, optimizer, other: (
            accuracy.get(("relu", optimizer), 0) - accuracy["relu", other]
        ),
    },
    "check_neither_half": {
        "the post's third pair": with_pair("tanh", momentum(0.01)),
        "its weakest pair": with_pair("sigmoid", "sgd"),
        "the weakest, at a better rate": with_pair("sigmoid", keras.optimizers.SGD(0.3)),
        "a rate too high": with_pair("tanh", momentum(3.0)),
        "a ReLU": with_pair("leaky_relu", momentum(0.1)),
        "a ReLU as a layer": with_pair(keras.layers.ReLU(), momentum(0.1)),
        "an Adam": with_pair("tanh", "nadam", epochs=1),
        "too long": with_pair("tanh", momentum(0.01), epochs=4),
        "more images a step": with_pair("tanh", momentum(0.1), epochs=6, batch_size=64),
        "another network": with_pair("tanh", momentum(0.1), epochs=1, filters=(16,)),
        "not trained": lambda build, images, labels: build("tanh"),
        "the images": lambda build, images, labels: images,
    },
}


class TestFourCombinations(ExerciseTests):
    notebook = "14_four_combinations"
    wrong_answers = WRONG_ANSWERS
