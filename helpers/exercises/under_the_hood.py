"""Notebook 15: a training step that changes nothing, and clipping, which a network on raw pixels needs."""

import functools
import numbers

import keras
import numpy as np
import tensorflow as tf
from .checking import TRAINING, Wrong, call, describe, exercise, hint_for, stored_images

RATE = 0.01
BATCH = 50
LEAST_ACCURACY = 0.7


@exercise(
    "Kernels, biases and running means are Keras': `assign_sub` changes a variable, `=` only a name."
)
def check_fixed_step(fixed_step):
    """Find the bugs: a step (network, loss function, images, labels) of SGD with rate 0.1."""
    generator = np.random.default_rng(0)
    x = generator.uniform(0, 1, size=(3, 32, 28, 28)).astype("float32")
    y = generator.integers(0, 10, size=(3, 32))
    network, twin, asleep = (_with_batch_normalisation() for _ in range(3))
    before = [variable.numpy() for variable in network.trainable_variables]
    for images, labels in zip(x, y, strict=True):
        call(fixed_step, network, _loss(), images, labels, seconds=TRAINING)
        _step(twin, images, labels, training=True)
        _step(asleep, images, labels, training=False)
    found = [variable.numpy() for variable in network.trainable_variables]
    if all(np.array_equal(*pair) for pair in zip(before, found, strict=True)):
        raise Wrong(
            "after three steps every kernel and bias is as it was. `variable = ...` only gives a "
            "name to something new. What changes a variable in place?"
        )
    gaps = [
        max(np.abs(a - b).max() for a, b in zip(network.weights, other.weights, strict=True))
        for other in (twin, asleep)
    ]
    if gaps[0] < 1e-4:
        return
    if gaps[1] < 1e-4:
        raise Wrong(
            "the kernels move, but the running means of the batch normalisation do not. How does "
            "the layer learn that this is training?"
        )
    along = sum(
        np.sum((a - start) * (b.numpy() - start))
        for start, a, b in zip(before, found, twin.trainable_variables, strict=True)
    )
    if along < 0:
        raise Wrong("the weights move the wrong way: the loss goes up. Look at the sign.")
    raise Wrong(
        f"after three steps a number differs from Keras' by {gaps[0]:.2g}. An update is the old "
        "number minus 0.1 times its gradient."
    )


@exercise(
    "The same rate, the same raw pixels: with steps that cannot be too long the network learns.",
    of_function=False,
)
def check_clipped_training(answer):
    """(step, limit): a step with a clipped gradient; it has to train a network on raw pixels."""
    if not isinstance(answer, tuple) or len(answer) != 2:
        raise Wrong(
            f"give the check the step and the limit, as in the cell: (clipped_step, limit). It got {describe(answer)}."
        )
    step, limit = answer
    if isinstance(limit, bool) or not isinstance(limit, numbers.Real) or not limit > 0:
        raise Wrong(
            f"the limit is {describe(limit)}: give a number above 0, the greatest length of a gradient."
        )
    images, labels, unseen, unseen_labels = _raw_digits()
    _check_one_step(step, images[:BATCH], labels[:BATCH])
    network = _network()
    for _ in range(3):
        for start in range(0, len(images), BATCH):
            batch = slice(start, start + BATCH)
            given = (images[batch], labels[batch], float(limit))
            call(step, network, _loss(), *given, seconds=TRAINING)
    accuracy = np.mean(network(unseen).numpy().argmax(axis=1) == unseen_labels)
    if not accuracy >= LEAST_ACCURACY:
        raise Wrong(
            f"the step clips as it should. But with limit {limit:g} the network gets {accuracy:.0%} "
            f"of the unseen digits right, and {LEAST_ACCURACY:.0%} are wanted. Try a limit ten "
            "times larger, and one ten times smaller: which is better?"
        )


def _check_one_step(step, images, labels):
    """Raise Wrong unless a single step is right, with a limit that shortens and with one that does not."""
    for limit in (1e9, 2.0):
        network, before = _network(), _network().get_weights()
        gradients = _gradients(network, images, labels, training=True)
        call(step, network, _loss(), images, labels, limit, seconds=TRAINING)
        found = _flat(a - b for a, b in zip(before, network.get_weights(), strict=True))
        length = float(tf.linalg.global_norm(gradients))
        apart = [tf.clip_by_norm(gradient, limit) for gradient in gradients]
        numbers_apart = [tf.clip_by_value(gradient, -limit, limit) for gradient in gradients]
        expected = RATE * min(1, limit / length) * _flat(gradients)
        mistakes = {
            "the network is as it was. What changes a variable in place?": 0 * expected,
            "that is the plain step: the gradient is as long as ever.": RATE * _flat(gradients),
            "it went the wrong way. Look at the sign.": -expected,
            "each array is cut to the limit by itself. Take the length of all of them together.": (
                RATE * _flat(apart)
            ),
            "each number is cut to the limit, which turns the gradient in another direction.": (
                RATE * _flat(numbers_apart)
            ),
            "a gradient shorter than the limit is made longer. Leave it as it is.": (
                RATE * limit / length * _flat(gradients)
            ),
            "the rate is missing: it is 0.01, after clipping.": expected / RATE,
        }
        if not np.allclose(found, expected, rtol=1e-3, atol=1e-7):
            other = f"the step is {np.linalg.norm(found):.3g} long. Which length should it have?"
            raise Wrong(
                f"a gradient of length {length:.0f}, limit {limit:g}: "
                f"{hint_for(found, mistakes, other, rtol=1e-3)}"
            )


def _flat(arrays):
    """All numbers of these arrays in one row."""
    return np.concatenate([np.ravel(array) for array in arrays])


def _loss():
    return keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def _gradients(network, images, labels, training):
    with tf.GradientTape() as tape:
        loss = _loss()(labels, network(images, training=training))
    return tape.gradient(loss, network.trainable_variables)


def _step(network, images, labels, training):
    """A step of SGD with rate 0.1."""
    gradients = _gradients(network, images, labels, training)
    for variable, gradient in zip(network.trainable_variables, gradients, strict=True):
        variable.assign_sub(0.1 * gradient)


def _with_batch_normalisation():
    layers = [keras.Input((28, 28)), keras.layers.Flatten()]
    layers += [keras.layers.Dense(16, activation="relu", kernel_initializer=_initial())]
    layers += [keras.layers.BatchNormalization()]
    return keras.Sequential([*layers, keras.layers.Dense(10, kernel_initializer=_initial())])


def _network():
    layers = [keras.Input((28, 28)), keras.layers.Flatten()]
    layers += [keras.layers.Dense(64, activation="relu", kernel_initializer=_initial())]
    return keras.Sequential([*layers, keras.layers.Dense(10, kernel_initializer=_initial())])


def _initial():
    return keras.initializers.GlorotUniform(seed=0)


@functools.cache
def _raw_digits():
    """5,000 digits to learn and 2,000 unseen ones, pixels from 0 to 255, each with labels."""
    images, labels = stored_images("mnist", 7_000)
    images = images.astype("float32")
    return images[:5_000], labels[:5_000], images[5_000:], labels[5_000:]
