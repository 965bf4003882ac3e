"""Notebook 12: a correction that never moves on, and a network that the learner's own optimizer trains."""

import keras
import numpy as np
import tensorflow as tf
from .. import data, models
from .checking import Wrong, array, call, exercise, hint_for, training_images

STEPS = 150
LEARNED = 0.1  # Adam gets to 0.02; at the best rates that we tried plain descent stays above 1.7, momentum 0.9 to 0.4
GUESSING = 2.2


@exercise(
    "With a constant gradient every update is 1, from the first step on: the correction follows the counter."
)
def check_adam_updates(adam_updates):
    """Find the bug: a function from the gradients of one weight, one a step, to Adam's updates."""
    for name, gradients in (
        ("a constant gradient", [0.5] * 40),
        ("changing gradients", [1.0, -2.0, 0.5, 3.0] * 10),
    ):
        found = call(adam_updates, list(gradients))
        found = array(found, (40,), "one update per gradient: 40 numbers", finite=False)
        expected = _adam_updates(gradients, range(1, 41))
        right = np.isclose(found, expected, rtol=1e-4)
        if right.all():
            continue
        if not np.isfinite(found).all():
            raise Wrong(
                "an update is not a finite number. Counted from 0, the first factor 1 - 0.9^t would be 0."
            )
        stuck, uncorrected = (_adam_updates(gradients, [t] * 40) for t in (1, 10**6))
        mistakes = {
            "that is the bug itself: every step is corrected as if it were the first. Which number stays?": stuck,
            "these updates are not corrected at all: with a constant gradient the first should be 1.": uncorrected,
        }
        k = int(np.argmin(right))
        other = f"for {name}, update {k + 1} is wrong: {found[k]:.3f}. What is t in that step?"
        raise Wrong(hint_for(found, mistakes, other, rtol=1e-4))


def _adam_updates(gradients, counts):
    """Adam's updates, step k corrected with counts[k]."""
    m, v, updates = 0.0, 0.0, []
    for t, g in zip(counts, gradients, strict=True):
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
        updates.append(m / (1 - 0.9**t) / (np.sqrt(v / (1 - 0.999**t)) + 1e-7))
    return np.array(updates)


@exercise(
    f"In {STEPS} steps your optimizer has trained all four layers, the first with its faint gradients, too."
)
def check_own_optimizer(step):
    """A function (weights, gradient, memory, t) -> the weights after step t, which trains four sigmoid layers."""
    _weights_after(step, np.ones((3, 2), "float32"), np.ones((3, 2), "float32"), {}, 1)
    network = models.build_mlp((32, 32, 32, 32), "sigmoid", seed=0)
    variables = network.trainable_variables
    memories = [{} for _ in variables]
    loss_and_gradients = _loss_and_gradients(network)
    first, _ = loss_and_gradients()
    for t in range(1, STEPS + 1):
        _, gradients = loss_and_gradients()
        for variable, gradient, memory in zip(variables, gradients, memories, strict=True):
            variable.assign(_weights_after(step, variable.numpy(), gradient.numpy(), memory, t))
    loss = float(loss_and_gradients()[0])
    if not loss < LEARNED:
        raise Wrong(
            f"after {STEPS} steps the loss is {loss:.2f} (before the first: {float(first):.2f}, guessing: 2.30). "
            + _why(loss, memories)
        )


def _weights_after(step, weights, gradient, memory, t):
    """What step returns, as an array like weights; Wrong if it is none, or not finite."""
    found = call(step, weights, gradient, memory, t)
    wanted = f"the new weights: an array of shape {weights.shape}"
    found = array(found, weights.shape, wanted, finite=False).astype("float32")
    if not np.isfinite(found).all():
        raise Wrong(
            f"in step {t} a weight is no finite number any more. Is anything divided by 0, or do the weights explode?"
        )
    return found


def _why(loss, memories):
    """A hint for a loss that is too high."""
    if not any(memories):
        return "Your function keeps nothing in its memory. What does Adam remember of each weight?"
    if loss > GUESSING:
        return "It has not learned at all: is the update subtracted, and does the learning rate fit? Try a tenth of it."
    return "It is on its way. Which line of Adam is missing? Or try twice the learning rate, or half of it."


def _loss_and_gradients(network):
    """A function that returns the loss of the network on 1,000 digits, and its gradient for each array."""
    images, labels = training_images(data.load_mnist, 1_000)
    measure = keras.losses.SparseCategoricalCrossentropy(from_logits=True)

    @tf.function(jit_compile=False, autograph=False)
    def loss_and_gradients():
        with tf.GradientTape() as tape:
            loss = measure(labels, network(images))
        return loss, tape.gradient(loss, network.trainable_variables)

    return loss_and_gradients
