"""Notebook 01: XOR with two ReLU units, six linear layers that learn, a test for x W + b that says no too often."""

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


@exercise(
    "Two ReLU units bend the plane along one line each, and that is enough for XOR.",
    of_function=False,
)
def check_xor_weights(weights):
    """(hidden_kernel 2 x 2, hidden_bias 2, output_kernel 2, output_bias) of a ReLU network that computes XOR."""
    if not isinstance(weights, tuple | list) or len(weights) != 4:
        raise Wrong(f"give the check four parts, as in the cell. It got {describe(weights)}.")
    shapes = {
        "hidden_kernel": (2, 2),
        "hidden_bias": (2,),
        "output_kernel": (2,),
        "output_bias": (),
    }
    parts = []
    for (name, shape), part in zip(shapes.items(), weights, strict=True):
        parts.append(array(part, shape, name=name))
    kernel, bias, output_kernel, output_bias = parts
    points = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    outputs = np.maximum(points @ kernel + bias, 0) @ output_kernel + output_bias
    for point, output, expected in zip(points.tolist(), outputs, (0, 1, 1, 0), strict=True):
        if not np.isclose(output, expected, atol=1e-6):
            hint = "Let one hidden unit count the ones, and the other be above 0 only where both inputs are 1."
            raise Wrong(
                f"for the input {point} the network gives {output:.3g} instead of {expected}. {hint}"
            )


# Of 10,000 validation images: RMSprop at 0.001 ends near 0.80, the best linear networks end near 0.90.
ENOUGH = 0.85


@exercise("The network is as linear as before. Only its steps were too long.")
def check_rescue(rescue):
    """A function that trains a given network with six linear hidden layers, and returns it."""
    images, labels, unseen, unseen_labels = _stored_images()
    images, unseen = images / np.float32(255), unseen / np.float32(255)
    keras.utils.set_random_seed(0)
    network = models.build_mlp((256,) * 6, activation=None, seed=0)
    trained = call(rescue, network, images, labels, seconds=TRAINING)
    require_network(trained)
    dense = [layer for layer in trained.layers if isinstance(layer, keras.layers.Dense)]
    bent = [layer.name for layer in dense if layer.activation is not keras.activations.linear]
    if bent or len(dense) != 7 or len(trained.layers) != len(network.layers):
        raise Wrong(
            "this is another network. Keep the one that your function is given: six hidden layers "
            "and no activation."
        )
    accuracy = models.accuracy(trained, unseen, unseen_labels)
    if accuracy < ENOUGH:
        raise Wrong(
            f"it gets {accuracy:.1%} of the validation images right. Too little training, or steps that are too "
            "long? Let fit print the loss (verbose=2): does it still fall, or does it jump?"
        )


@functools.cache
def _stored_images():
    """10,000 images to learn and the 10,000 validation images, uint8, each with labels."""
    arrays = stored_images("mnist", 60_000)
    return [
        images[part].copy() for part in (slice(10_000), slice(50_000, None)) for images in arrays
    ]


@exercise(
    "It tells a network without activation from one with an activation by its answers alone, weights unseen."
)
def check_is_one_layer(is_one_layer):
    """Find the bug: a test that tells functions x -> x W + b from all others, by calling them."""
    generator = np.random.default_rng(0)
    kernel, bias = generator.normal(size=(4, 3)), generator.normal(size=3)
    cases = {
        "x @ W": (lambda x: x @ kernel, True),
        "x @ W + b (a bias is allowed)": (lambda x: x @ kernel + bias, True),
        "relu(x @ W + b)": (lambda x: np.maximum(x @ kernel + bias, 0), False),
        "tanh(x @ W)": (lambda x: np.tanh(x @ kernel), False),
        "(x @ W) ** 2": (lambda x: (x @ kernel) ** 2, False),
    }
    for name, (function, expected) in cases.items():
        found = call(is_one_layer, function)
        if not isinstance(found, bool | np.bool_):
            raise Wrong(f"your function returns {describe(found)}. Return True or False.")
        if found != expected:
            hint = "How often does b stand on each side of your equation? How does the equation for XOR avoid that?"
            raise Wrong(f"for {name} it says {'x W + b' if found else 'something else'}. {hint}")
