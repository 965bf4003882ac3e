"""Notebook 07: the gradient of a batch, and digits that one softmax too many has lost."""

import functools

import keras
import numpy as np
import scipy.special
import tensorflow as tf
from .. import data
from .checking import (
    TRAINING,
    Wrong,
    array,
    call,
    exercise,
    hint_for,
    require_network,
    training_images,
)

LEAST_RECOGNISED = 60  # % of each digit; the solution gets 75 to 85
LOST = 1  # %
RATE, EPOCHS, BATCH = 0.1, 5, 32
IMAGES = 5_000
STEPS = EPOCHS * -(-IMAGES // BATCH)


@exercise(
    "Each row has its own highest score, its own sum, and its share of the mean; its pushes sum to 0."
)
def check_batch_gradient(batch_gradient):
    """Find the bug: the gradient of the mean loss for the scores (images, classes), from these and the rows y."""
    scores = np.array([[2.0, 1, -1, 0], [0, 3, 1, -2], [1, 1, 4, 0]])
    y = np.eye(4)[[0, 2, 2]]
    wanted = "one slope per score of each image: an array of shape (3, 4)"
    found = array(call(batch_gradient, scores, y), (3, 4), wanted)
    right = scipy.special.softmax(scores, axis=1) - y
    of_all = scipy.special.softmax(scores) - y
    of_columns = scipy.special.softmax(scores, axis=0) - y
    mistakes = {
        "that is the bug itself. Print p.sum(axis=1) for a batch of three: what should it be?": of_all,
        "p adds up to 1 over the whole batch. It should do so for each image.": of_all / 3,
        "p adds up to 1 down each column. Which axis holds the classes of one image?": of_columns,
        "which axis holds the classes of one image? p adds up to 1 down each column.": of_columns
        / 3,
        "that is the sum over the images, not their mean. What does the mean divide by?": right,
        "the mean is over images, and you divide by the number of scores.": right / 12,
        "the sign is turned round: that is the push. The gradient is p - y.": -right / 3,
    }
    if not np.allclose(found, right / 3):
        other = "compare one row with p - y by hand: its own softmax, minus y, divided by the number of images."
        raise Wrong(hint_for(found, mistakes, other))
    apart = scores + np.array([[0], [1000], [-1000]])
    with np.errstate(all="ignore"):  # an overflow is a wrong answer here, not a warning
        found = array(call(batch_gradient, apart, y), (3, 4), wanted, finite=False)
    if not np.allclose(found, right / 3):
        raise Wrong(
            "if one image's scores are 1000 above another's, rows become nan or 0. Whose highest score "
            "does each row need?"
        )


@exercise(
    "The same network, the same optimizer, one softmax less in the loss: every digit is recognised again."
)
def check_lost_digits(bring_back):
    """A function that trains a network with lost digits, ending in softmax, until every digit is recognised."""
    images, labels, new_images, new_labels = training_images(data.load_mnist, IMAGES, 3_000)
    network = _network(0)
    lost_weights, lost_digits = _lost_network()
    network.set_weights(lost_weights)
    keras.utils.set_random_seed(0)  # of the order of the images
    answer = call(bring_back, network, images, labels, seconds=TRAINING)
    require_network(answer)
    if answer is not network:
        raise Wrong(
            "return the network that you were given: end your function with return network."
        )
    if all(np.array_equal(*pair) for pair in zip(lost_weights, network.get_weights(), strict=True)):
        raise Wrong("the network has not learned: its weights are as they were. Call network.fit.")
    _check_training(network)
    outputs = network(new_images).numpy()
    if not np.allclose(outputs.sum(axis=1), 1, atol=1e-3) or outputs.min() < 0:
        raise Wrong(
            "its outputs are no longer probabilities. Keep the softmax in the network; change the loss."
        )
    recognised = _recognised(network, new_images, new_labels)
    digit = int(recognised.argmin())
    share = recognised[digit]
    if share < LOST:
        raise Wrong(
            f"the digit {digit} is still lost. Which number did the loss of your training stay above? "
            "Which loss takes probabilities?"
        )
    if share < LEAST_RECOGNISED:
        back = "it is on its way back" if digit in lost_digits else "that is too few"
        raise Wrong(
            f"{share:.0f} % of the unseen images of the digit {digit} are recognised: {back}. "
            "You have five epochs, and rates up to 0.1."
        )


def _check_training(network):
    """Raise Wrong unless the network was trained with plain SGD, with short steps and few of them."""
    optimizer = getattr(network, "optimizer", None)
    if optimizer is None or type(optimizer) is not keras.optimizers.SGD or optimizer.momentum:
        name = type(optimizer).__name__ if optimizer else "none"
        raise Wrong(
            f"the optimizer is {name} or has momentum. Use keras.optimizers.SGD(0.1), as the training did "
            "that lost the digits: then only the loss is different."
        )
    rate, steps = float(optimizer.learning_rate), int(optimizer.iterations)
    if rate > RATE * 1.001:
        raise Wrong(f"the learning rate is {rate:g}, and {RATE} is the highest allowed.")
    if steps > STEPS:
        raise Wrong(
            f"it took {steps:,} steps, and five epochs with batches of 32 are {STEPS}. Train for less."
        )


def _network(seed):
    keras.utils.set_random_seed(seed)
    network = keras.Sequential([keras.Input((28, 28)), keras.layers.Flatten()])
    network.add(keras.layers.Dense(64, activation="relu"))
    network.add(keras.layers.Dense(10, activation="softmax"))
    return network


@functools.cache
def _lost_network():
    """The weights of the first network that loses a digit with softmax twice, and which it has lost."""
    images, labels, new_images, new_labels = training_images(data.load_mnist, IMAGES, 3_000)
    y = np.eye(10, dtype="float32")[labels]
    for seed in range(1, 20):
        network = _network(seed)
        network.compile(
            keras.optimizers.SGD(RATE),
            tf.nn.softmax_cross_entropy_with_logits,
            steps_per_execution=50,
            jit_compile=False,
        )
        network.fit(images, y, batch_size=BATCH, epochs=2, verbose=0)
        recognised = _recognised(network, new_images, new_labels)
        if recognised.min() < LOST / 2:
            break
    return network.get_weights(), np.flatnonzero(recognised < LOST)


def _recognised(network, images, labels):
    """How many images of each digit the network recognises (%)."""
    answers = network(images).numpy().argmax(axis=1)
    return np.array([100 * np.mean(answers[labels == digit] == digit) for digit in range(10)])
