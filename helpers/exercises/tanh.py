"""Notebook 03: a tanh network rewritten as a sigmoid network, and a sigmoid network that learns as fast as tanh."""

import functools

import keras
import numpy as np
import scipy.special
from .. import data, models
from .checking import TRAINING, Wrong, array, call, describe, exercise, training_images

SMALLEST_SHARE = 0.9  # of the gap between sigmoid and tanh that has to be closed


@exercise(
    "One curve, two names: whatever a tanh network computes, a sigmoid network with other weights computes too."
)
def check_to_sigmoid(to_sigmoid):
    """A function from the weights of a tanh network with one hidden layer to those of a sigmoid network."""
    generator = np.random.default_rng(0)
    weights = [generator.normal(size=size) for size in ((3, 5), 5, (5, 2), 2)]
    x = generator.normal(size=(20, 3))
    found = call(to_sigmoid, *weights)
    if not isinstance(found, (tuple, list)) or len(found) != 4:
        raise Wrong(
            f"your function returns {describe(found)}. Return four arrays, in this order: "
            "kernel_1, bias_1, kernel_2, bias_2"
        )
    names = ("kernel_1", "bias_1", "kernel_2", "bias_2")
    found = [
        array(part, given.shape, name=name)
        for name, part, given in zip(names, found, weights, strict=True)
    ]
    expected = _answers(np.tanh, *weights, x)
    errors = _answers(scipy.special.expit, *found, x) - expected
    if np.allclose(errors, 0, atol=1e-6):
        return
    if np.allclose(errors, errors[0], atol=1e-6):
        raise Wrong(
            "every answer is off by the same amount, whatever the input. Which weight can make up for "
            "the -1 of 2 sigmoid(2z) - 1, and by how much for each output?"
        )
    hidden = scipy.special.expit(x @ found[0] + found[1])
    if not np.allclose(hidden, scipy.special.expit(2 * (x @ weights[0] + weights[1]))):
        raise Wrong(
            "start with the hidden layer: tanh(z) holds sigmoid(2z). Which kernel and bias make its sums "
            "twice as large?"
        )
    raise Wrong(
        "the hidden layer is right, and the output layer is not: it gets s, where tanh gave 2s - 1. "
        "Multiply out (2s - 1) @ kernel_2 + bias_2."
    )


def _answers(activation, kernel_1, bias_1, kernel_2, bias_2, x):
    return activation(x @ kernel_1 + bias_1) @ kernel_2 + bias_2


@exercise(
    "With larger initial weights and steps sigmoid learns about as fast as tanh: the defaults suit the steeper curve."
)
def check_sigmoid_catches_up(sigmoid_network):
    """A function that returns an untrained sigmoid network and a learning rate; trained beside the two defaults."""
    result = call(sigmoid_network, seconds=TRAINING)
    if not isinstance(result, tuple) or len(result) != 2:
        raise Wrong(
            f"your function returns {describe(result)}. Return two things, the network and a learning rate: "
            "return model, 0.001"
        )
    model, rate = result
    _check_network(model)
    if not isinstance(rate, (int, float)) or not 0 < rate < np.inf:
        raise Wrong(f"the learning rate is {describe(rate)}. Give a positive number such as 0.001.")
    images, labels = training_images(data.load_fashion_mnist, 10_000)
    logits = keras.ops.convert_to_numpy(model(images[:1000]))
    if np.mean(logits.argmax(axis=1) == labels[:1000]) > 0.4:
        raise Wrong("this network knows the clothes already. Return it before any training.")
    middle = model.get_weights()[2].std()
    reached = _mean_loss(model, rate)
    if not np.isfinite(reached):
        raise Wrong(f"at the rate {rate:g} its loss is no finite number. Try a smaller rate.")
    sigmoid, tanh = _default_loss("sigmoid"), _default_loss("tanh")
    share = (sigmoid - reached) / (sigmoid - tanh)
    if share < SMALLEST_SHARE:
        raise Wrong(
            f"its mean loss is {reached:.3f}, beside {sigmoid:.3f} of sigmoid and {tanh:.3f} of tanh with "
            f"their defaults: {max(share, 0):.0%} of the gap. {_hint(middle, rate)}"
        )


def _check_network(model):
    """Raise Wrong unless it is 784-128-64-10 with sigmoid in both hidden layers."""
    if not isinstance(model, keras.Sequential) or not model.built:
        raise Wrong(
            f"the first of the two is {describe(model)}. It has to be the network, a keras.Sequential that begins with "
            "keras.Input."
        )
    found = []
    for layer in model.layers:
        if isinstance(layer, keras.layers.Flatten):
            continue
        if not isinstance(layer, keras.layers.Dense):
            raise Wrong(
                f"it holds a layer of the kind {type(layer).__name__}. Use Flatten and Dense layers only."
            )
        found.append((layer.units, layer.activation.__name__))
    if found != [(128, "sigmoid"), (64, "sigmoid"), (10, "linear")]:
        words = ", ".join(f"{units} {name}" for units, name in found)
        raise Wrong(
            f"its layers are {words}. The shape and the curve stay: 128 sigmoid, 64 sigmoid, 10 linear."
        )
    if model.input_shape[1:] != models.IMAGE_SHAPE:
        raise Wrong(f"it takes inputs of shape {model.input_shape[1:]}, and an image is (28, 28).")


def _hint(middle, rate):
    """What to try next; middle is the standard deviation of the second kernel before training."""
    if middle < 0.15:  # Glorot's rule: 0.10; the rewritten kernel: 0.41
        return "Start it with the answers of a tanh network first: exercise 1 says which weights."
    if rate <= 0.001:
        return "Its weights are 2 to 4 times as large as before, and Adam's steps are not."
    return "Try other learning rates between 0.001 and 0.01."


@functools.cache
def _default_loss(activation):
    return _mean_loss(models.build_mlp((128, 64), activation, seed=0), 0.001)


def _mean_loss(model, rate):
    """Mean training loss of three epochs with Adam at this rate."""
    keras.utils.set_random_seed(0)  # the same order of the images each time
    model.compile(
        optimizer=keras.optimizers.Adam(rate),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        steps_per_execution=50,
    )
    history = model.fit(
        *training_images(data.load_fashion_mnist, 10_000), batch_size=32, epochs=3, verbose=0
    ).history
    return float(np.mean(history["loss"]))
