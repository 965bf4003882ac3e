"""Notebook 05: a scale fixed by the wrong images, and a network trained on cameras of any scale."""

import functools

import keras
import numpy as np
from .. import models
from .checking import (
    TRAINING,
    Wrong,
    array,
    call,
    describe,
    exercise,
    require_network,
    stored_images,
)

LARGEST_PIXELS = (8, 255, 4095)
LEAST_ACCURACY = 0.8  # rates from 0.1 to 2 / largest_pixel**2 get 84 to 91 % right in 100 steps


@exercise(
    "Mean and deviation come from the training images and belong to the network; test images are only measured."
)
def check_standardize(standardize):
    """Find the bug: training and test pixels brought to the scale of the training pixels."""
    train = np.array([[10, 20], [30, 60]], dtype=np.uint8)
    test = np.array([[0, 10], [20, 30]], dtype=np.uint8)
    answer = call(standardize, train, test)
    if not isinstance(answer, tuple | list) or len(answer) != 2:
        raise Wrong(
            f"your function returns {describe(answer)}. Return two arrays: the scaled pixels of train, and of test."
        )
    train_scaled = array(answer[0], train.shape, name="the first array")
    test_scaled = array(answer[1], test.shape, name="the second array")
    if not np.allclose(train_scaled, (train - train.mean()) / train.std()):
        raise Wrong(
            "the training pixels do not have mean 0 and deviation 1. Subtract, then divide; whose mean is it?"
        )
    if np.allclose(test_scaled, (test - test.mean()) / test.std()):
        raise Wrong(
            "the test pixels have mean 0 on their own: that they are darker is hidden. Which set may choose?"
        )
    if not np.allclose(test_scaled, (test - train.mean()) / train.std()):
        raise Wrong(
            "the same stored pixel becomes one number in train and another one in test. Use one rule for both."
        )


@exercise("One rule serves cameras whose pixels differ five hundredfold, and no pixel was scaled.")
def check_train_on_camera(train_on_camera):
    """A function that trains a model in one epoch on images whose pixels go from 0 to any number."""
    images, labels, new_images, new_labels = _photographs()
    for largest_pixel in LARGEST_PIXELS:
        model = _network(largest_pixel)
        keras.utils.set_random_seed(0)  # of the order of the images
        before = model.get_weights()
        given = (model, images * largest_pixel, labels, largest_pixel)
        answer = call(train_on_camera, *given, seconds=TRAINING)
        require_network(answer, models.IMAGE_SHAPE)
        if all(np.array_equal(*pair) for pair in zip(before, answer.get_weights(), strict=True)):
            raise Wrong("the model has not learned: its weights are as they were. Call model.fit.")
        accuracy = models.accuracy(answer, new_images * largest_pixel, new_labels)
        if accuracy < LEAST_ACCURACY:
            raise Wrong(
                f"with pixels from 0 to {largest_pixel} it gets {accuracy:.0%} of new images right, and "
                f"{LEAST_ACCURACY:.0%} or more are possible. {_hint(answer, before, largest_pixel)}"
            )


def _hint(model, before, largest_pixel):
    """Whether the first kernel has moved far, or hardly, compared with its size."""
    moved = np.linalg.norm(model.get_weights()[0] - before[0]) / np.linalg.norm(before[0])
    if not np.isfinite(moved) or moved > 10:
        return "The first kernel has moved by more than ten times its size: the steps are too long."
    if moved < 0.2:
        return (
            "The first kernel has moved by less than a fifth of its size: the steps are too short."
        )
    return "Does the trained model get the pixels on the scale on which it was trained?"


def _network(largest_pixel):
    """The notebook's network, its first kernel divided by largest_pixel."""
    model = models.build_mlp((100,), seed=0)
    kernel, *others = model.get_weights()
    model.set_weights([kernel / largest_pixel, *others])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.SGD(0.01), loss)
    return model


@functools.cache
def _photographs():
    """10,000 images to learn and 2,000 new ones, pixels from 0 to 1, each with labels."""
    images, labels = stored_images("mnist", 12_000)
    images = images / np.float32(255)
    return images[:10_000], labels[:10_000], images[10_000:], labels[10_000:]
