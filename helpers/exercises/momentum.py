"""Notebook 11: a velocity that is lost, and sixty steps in which momentum goes where plain descent cannot."""

import keras
import numpy as np
from .. import data, models
from .checking import TRAINING, Wrong, call, describe, exercise, hint_for, number, training_images

STEPS = 60
LEARNED = 0.05  # plain descent, at its best rate, gets to 0.14


@exercise(
    "The velocity lives as long as the training: an epoch is our way to count, the descent knows nothing of it."
)
def check_train_with_momentum(train_with_momentum):
    """Find the bug: from (w, gradients of the batches, epochs, rate, beta) to the weight after all epochs."""
    gradients = [lambda w: w - 1.0, lambda w: 2 * w, lambda w: 0.5 * w + 1]
    for epochs, batches in ((1, 3), (4, 1), (3, 3)):
        given = gradients[:batches]
        found = call(train_with_momentum, 5.0, given, epochs, 0.1, 0.9)
        found = number(found, "one number, the weight after the last epoch")
        plain = _descend(given, epochs, beta=0.0)
        forgetful = _descend(given, epochs, beta=0.9, forgets=True)
        mistakes = {
            "the velocity still starts anew in each epoch. Why?": forgetful,
            "that is plain descent: nothing of the velocity is left. Where is it lost?": plain,
        }
        if not np.isclose(found, _descend(given, epochs, beta=0.9)):
            which = f"{epochs} epoch{'s' * (epochs > 1)} of {batches} batch{'es' * (batches > 1)}"
            other = f"the weight ends at {found:.4g}. Each batch makes one step: v = beta v - rate g, then w = w + v."
            raise Wrong(f"{which}: {hint_for(found, mistakes, other)}")


def _descend(gradients, epochs, beta, forgets=False):
    """Momentum at rate 0.1 from 5 over `epochs` of these gradients; or one that forgets its velocity in each epoch."""
    w, v = 5.0, 0.0
    for _ in range(epochs):
        if forgets:
            v = 0.0
        for gradient in gradients:
            v = beta * v - 0.1 * gradient(w)
            w = w + v
    return w


@exercise(
    "No plain descent gets there in sixty steps: along the valleys your steps added up, across them they cancelled."
)
def check_sixty_steps(train_sixty_steps):
    """A function (network, images, labels) that trains with SGD for 60 full-batch steps and returns the network."""
    images, labels = training_images(data.load_mnist, 1_000)
    network = models.build_mlp((64,), seed=0)
    trained = call(train_sixty_steps, network, images, labels, seconds=TRAINING)
    if trained is not network:
        raise Wrong(
            f"your function returns {describe(trained)}. Train the network that you are given, and return it."
        )
    optimizer = getattr(network, "optimizer", None)
    if not isinstance(optimizer, keras.optimizers.SGD):
        raise Wrong(
            f"the network is compiled with {type(optimizer).__name__}: use keras.optimizers.SGD(...)."
        )
    steps = int(optimizer.iterations.numpy())
    if steps != STEPS:
        raise Wrong(
            f"it took {steps} steps, and {STEPS} are asked for: batch_size=1000 makes an epoch one step."
        )
    loss = _loss(network, images, labels)
    if not loss < LEARNED:
        if not optimizer.momentum:
            hint = "Without momentum each step has only the gradient of the moment. Where does it lose its way?"
        elif loss > 1:
            hint = "It has hardly begun, or it flew off. Print the loss of the epochs: which of the two is it?"
        else:
            hint = "It is on its way. Change one number at a time: where is the effective rate that flies off?"
        raise Wrong(f"after {STEPS} steps the loss is {loss:.2f} (guessing: 2.30). {hint}")


def _loss(network, images, labels):
    measure = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    return float(measure(labels, network(images)))
