"""Notebook 14: a gain that mixes two changes, and a winner that is beaten with neither of its halves."""

import functools

import numpy as np
from .. import data, models
from .checking import (
    TRAINING,
    Wrong,
    call,
    exercise,
    hint_for,
    number,
    require_network,
    stored_images,
)

EPOCHS = 3
STEPS = 375
WEIGHTS = 11_850
GOAL = (
    0.93  # ReLU with Adam, at Keras' default rate, gets 0.90; tanh with momentum at 0.1 gets 0.95
)


@exercise("One half changed at a time: what is left belongs to the optimizer.")
def check_gain_of_optimizer(gain):
    """Find the bug: from {(activation, optimizer): accuracy} to what an optimizer gains over another on average."""
    accuracy = {("relu", "Adam"): 96.0, ("relu", "SGD"): 93.0, ("tanh", "Adam"): 95.0}
    accuracy |= {("tanh", "SGD"): 90.0, ("leaky ReLU", "Adam"): 98.0, ("sigmoid", "SGD"): 60.0}
    accuracy |= {("tanh", "momentum"): 94.0}
    cases = {("Adam", "SGD"): 4.0, ("SGD", "Adam"): -4.0, ("momentum", "SGD"): 4.0}
    for (optimizer, other), expected in cases.items():
        found = number(call(gain, dict(accuracy), optimizer, other), "one number, the gain")
        groups = []
        for name in (optimizer, other):
            groups.append([value for (_, used), value in accuracy.items() if used == name])
        mistakes = {
            "that is the bug: the two means are over different activations.": np.mean(groups[0])
            - np.mean(groups[1]),
            "the sign: a gain is the first optimizer's accuracy minus the other's.": -expected,
            "that is the sum of the gains, and the mean is asked for.": 8.0 * np.sign(expected),
        }
        if not np.isclose(found, expected):
            otherwise = "subtract within each activation that has both, then take the mean."
            hint = hint_for(found, mistakes, otherwise)
            raise Wrong(f"from {other} to {optimizer} it gives {found:g}: {hint}")


@exercise(
    "Neither of the winner's halves, and yet ahead of it: with default rates the post ranked rates as well as pairs."
)
def check_neither_half(train_my_pair):
    """A function (build, images, labels) that builds S1's network and trains it, without ReLU and Adam."""
    images, labels, unseen, unseen_labels = _images()
    network = call(train_my_pair, _build, images, labels, seconds=TRAINING)
    require_network(network)
    if network.input_shape != (None, 14, 14) or network.count_params() != WEIGHTS:
        raise Wrong(
            f"this network takes {network.input_shape[1:]} and has {network.count_params():,} weights and biases. "
            f"Begin with network = build(...), which has {WEIGHTS:,}."
        )
    used = _activations(network)
    relus = [name for name in used if "relu" in name.lower()]
    if relus:
        raise Wrong(f"it uses {relus[0]}: take an activation that is no kind of ReLU.")
    optimizer = getattr(network, "optimizer", None)
    if optimizer is None or int(optimizer.iterations.numpy()) == 0:
        raise Wrong("the network is not trained yet: call its compile and fit.")
    if "adam" in type(optimizer).__name__.lower():
        raise Wrong(
            f"it uses {type(optimizer).__name__}: take an optimizer that is no kind of Adam."
        )
    steps, fitted = int(optimizer.iterations.numpy()), getattr(network, "history", None)
    epochs = fitted.params["epochs"] if fitted else 1
    if steps > STEPS or epochs > EPOCHS:
        raise Wrong(
            f"it was trained for {steps} steps in {epochs} epochs: {EPOCHS} epochs with batches of 32 are allowed."
        )
    accuracy = models.accuracy(network, unseen, unseen_labels)
    if not accuracy >= GOAL:
        if accuracy < 0.2:
            hint = "It guesses: either it has hardly begun, or it flew off. Print the losses: which of the two?"
        elif any("sigmoid" in name for name in used):
            hint = "Which half held sigmoid + SGD back most?"
        else:
            hint = "Which third thing can you change?"
        raise Wrong(f"{accuracy:.1%} of the unseen images are right. {hint}")


def _build(activation):
    """S1's network for images of half the size, untrained."""
    return models.build_cnn(activation=activation, input_shape=(14, 14), seed=0)


def _activations(network):
    """The names of a network's activations, those that are layers of their own too."""
    names = [type(layer).__name__ for layer in network.layers]
    for layer in network.layers:
        activation = getattr(layer, "activation", None)
        if activation is not None:
            names.append(getattr(activation, "__name__", type(activation).__name__))
    return names


@functools.cache
def _images():
    """4,000 images of half the size to train on, and 2,000 others, with their labels."""
    images, labels = stored_images("mnist", 6_000)
    small = data.halve(images / np.float32(255))
    return small[:4000], labels[:4000], small[4000:], labels[4000:]
