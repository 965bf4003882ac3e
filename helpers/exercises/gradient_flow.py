"""Notebook 09: a network of twenty layers that has to learn, and the backward pass of a residual layer."""

import keras
import numpy as np
import tensorflow as tf
from .. import data
from ..stack import ACTIVATION_LAYERS
from .checking import TRAINING, Wrong, array, call, describe, exercise, hint_for, training_images

HIDDEN = 20
LEARNED = 1.5  # mean loss of the third epoch; guessing is 2.3
LOST, EXPLODED = 2.0, -1.0  # powers of ten from the last hidden layer to the first


@exercise("Twenty layers learn: enough of the gradient arrives at the first of them.")
def check_twenty_layers(build_twenty):
    """A function of a seed that returns a network of twenty hidden layers and a rate at which SGD trains it."""
    keras.utils.set_random_seed(0)
    network, rate = _network_and_rate(call(build_twenty, 0, seconds=TRAINING))
    _require_twenty_layers(network)
    images, labels = training_images(data.load_fashion_mnist, 10_000)
    lost = _powers_lost(network, images[:1_000], labels[:1_000])
    keras.utils.set_random_seed(0)  # the order of the images
    network.compile(
        keras.optimizers.SGD(rate),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        jit_compile=False,
    )
    loss = network.fit(images, labels, batch_size=100, epochs=3, verbose=0).history["loss"][-1]
    if loss < LEARNED:
        return
    if lost > LOST:
        why = f"the error signal loses {lost:.1f} powers of ten from layer 20 to layer 1"
    elif lost < EXPLODED:
        why = f"the error signal grows by {-lost:.1f} powers of ten from layer 20 to layer 1"
    else:
        why = "the error signal arrives at layer 1. Is the learning rate right for so many layers?"
    raise Wrong(f"the loss of the third epoch is {loss:.2f} (guessing: 2.30). Untrained, {why}")


@exercise("It agrees with the slope of the loss itself: the road around, and tanh's own slope.")
def check_residual_backward(residual_backward):
    """Find the bug: the gradient for x of x + tanh(x @ kernel), from x, kernel and the gradient that arrives."""
    generator = np.random.default_rng(0)
    x, kernel, arriving = (generator.normal(size=size) for size in ((5, 4), (4, 4), (5, 4)))
    found = call(residual_backward, x, kernel, arriving)
    found = array(found, x.shape, f"one number per entry of x: an array of shape {x.shape}")
    tanh = np.tanh(x @ kernel)
    slope = 1 - tanh**2
    with_the_bug = arriving + (arriving * (1 - (x + tanh) ** 2)) @ kernel.T
    mistakes = {
        "that is the bug itself. Whose output does the rule 1 - output**2 ask for?": with_the_bug,
        "the road around is missing: what does x itself pass on?": (arriving * slope) @ kernel.T,
        "the slope of tanh is missing: each path multiplies by what lies on it.": arriving
        + arriving @ kernel.T,
        "on the way back rows and columns of the kernel change places.": arriving
        + (arriving * slope) @ kernel,
        "tanh is applied twice. At which place is its slope wanted?": arriving
        + (arriving * (1 - np.tanh(tanh) ** 2)) @ kernel.T,
    }
    expected = arriving + (arriving * slope) @ kernel.T
    if not np.allclose(found, expected, rtol=1e-6):
        other = (
            "moving each entry of x a little and watching the loss gives other numbers. "
            "Which two paths lead from x to the output, and what does each multiply by?"
        )
        raise Wrong(hint_for(found, mistakes, other))


def _network_and_rate(answer):
    """The two parts of the answer, or Wrong."""
    if not isinstance(answer, tuple) or len(answer) != 2 or not isinstance(answer[0], keras.Model):
        raise Wrong(
            f"build_twenty returns {describe(answer)}. End it with return network, 0.1 "
            "(the network, and the learning rate that it is trained with)."
        )
    network, rate = answer
    if not isinstance(rate, (int, float)) or not 0 < rate < np.inf:
        raise Wrong(f"the learning rate is {describe(rate)}: give a number above 0, such as 0.1.")
    return network, rate


def _require_twenty_layers(network):
    """Raise Wrong unless images pass twenty Dense layers of 64 with an activation each, and end as ten sums."""
    if network.input_shape != (None, 28, 28) or network.output_shape != (None, 10):
        raise Wrong(
            f"the network takes {network.input_shape[1:]} and returns {network.output_shape[1:]}. "
            "Keep its ends: images of 28 x 28 in, ten sums out."
        )
    dense = _dense_layers(network)
    units = [layer.units for layer in dense]
    if units != HIDDEN * [64] + [10]:
        raise Wrong(
            f"its Dense layers have {', '.join(map(str, units))} units: keep twenty of 64, then one of 10."
        )
    if dense[-1].activation is not keras.activations.linear:
        raise Wrong("its last layer has an activation. The loss applies softmax: use Dense(10).")
    bent = 0
    for layer in network.layers:
        inside = getattr(layer, "activation", keras.activations.linear)
        bent += isinstance(layer, ACTIVATION_LAYERS) or inside is not keras.activations.linear
        if isinstance(layer, keras.layers.Activation) and inside is keras.activations.linear:
            bent -= 1
    if bent < HIDDEN:
        raise Wrong(
            f"it has {bent} activations for twenty hidden layers. Without them layers collapse (notebook 01)."
        )


def _dense_layers(network):
    return [layer for layer in network.layers if isinstance(layer, keras.layers.Dense)]


def _powers_lost(network, images, labels):
    """Powers of ten that the error signal loses from the last hidden layer to the first."""
    outputs = [layer.output for layer in _dense_layers(network)]
    probe = keras.Model(network.inputs[0], outputs)
    with tf.GradientTape() as tape:
        sums = probe(images, training=True)
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels.astype("int32"), sums[-1])
        loss = tf.reduce_mean(losses)
    deltas = tape.gradient(loss, [sums[0], sums[-2]])
    first, last = (np.sqrt(np.mean(np.square(delta), dtype=float)) for delta in deltas)
    return np.log10(max(last, 1e-30) / max(first, 1e-30))
