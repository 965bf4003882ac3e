"""Looks inside an MLP: pre-activations, dead and saturated units, gradients by layer.

A hidden layer is a Dense layer that is not the last. Its pre-activations are z = inputs @ kernel + bias, its
activations f(z), whether f is its own activation or a layer that follows. Results are dicts {name of the layer: value}.
All functions raise ValueError for a model that is not a built keras.Sequential of Flatten, Dense and activation layers
with a hidden layer, and for x that is empty or does not fit the model.
"""

import keras
import numpy as np
import tensorflow as tf
from .stack import ACTIVATION_LAYERS

BATCH = 1000


def layer_values(model, x):
    """{hidden layer: (pre-activations, activations)}, float32 arrays (examples, units) each.

    x: (examples, ...), as the model takes it; some thousand examples, since everything is kept in memory.
    """
    batches = [{name: (z, a) for name, (z, a, _) in batch.items()} for batch in _by_batch(model, x)]
    return {
        name: tuple(np.concatenate(part) for part in zip(*(b[name] for b in batches), strict=True))
        for name in batches[0]
    }


def highest_pre_activations(model, x):
    """{hidden layer: the highest pre-activation of each unit over all of x, (units,)}."""
    batches = [
        {name: np.max(z, axis=0) for name, (z, _, _) in batch.items()}
        for batch in _by_batch(model, x)
    ]
    return {name: np.max([batch[name] for batch in batches], axis=0) for name in batches[0]}


def dead_units(model, x):
    """{hidden layer: bool (units,)}: pre-activation at most 0 for every example of x, where ReLU and its slope are 0.

    After ReLU no example of x reaches such a unit's weights with a gradient. After a leaky ReLU it is a unit that is
    on the negative side for all of x, and still learns.
    """
    return {name: highest <= 0 for name, highest in highest_pre_activations(model, x).items()}


def saturated_shares(model, x, fraction=0.1):
    """{hidden layer: share, 0 to 1, of its (example, unit) pairs with a slope |f'(z)| below `fraction` of the largest}.

    The largest slope is that on z from -10 to 10: 1/4 for sigmoid, 1 for tanh and ReLU. With 0.1, sigmoid is saturated
    beyond |z| = 3.6 and tanh beyond 1.8. Raises ValueError for a fraction that is not between 0 and 1, too.
    """
    if not 0 < fraction < 1:
        raise ValueError(f"fraction is {fraction!r}: give a number between 0 and 1, such as 0.1.")
    curve = tf.linspace(-10.0, 10.0, 2001)[:, None]
    saturated = {}
    for batch in _by_batch(model, x):
        for name, (z, _, function) in batch.items():
            limit = fraction * np.max(
                _slopes(function, tf.repeat(curve, z.shape[1], axis=1)), axis=0
            )
            saturated.setdefault(name, []).append(_slopes(function, z) < limit)
    return {name: float(np.mean(np.concatenate(parts))) for name, parts in saturated.items()}


def kernel_gradients(model, x, y):
    """{Dense layer, the last one too: gradient of the mean cross-entropy over all of x, y with respect to its kernel}.

    y: whole-number classes (examples,); the model ends in logits. Gradients are float32 arrays (inputs, units).
    """
    dense = [layer for layer, _ in _blocks(model, x)]
    if len(x) != len(y):
        raise ValueError(f"x has {len(x)} examples and y {len(y)}: give one class an example.")
    totals = {layer.name: 0.0 for layer in dense}
    for start in range(0, len(x), BATCH):
        batch = slice(start, start + BATCH)
        with tf.GradientTape() as tape:
            logits = model(_tensor(x[batch]))
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(
                np.asarray(y[batch], np.int32), logits
            )
            loss = tf.reduce_sum(losses) / len(x)
        for layer, gradient in zip(
            dense, tape.gradient(loss, [layer.kernel.value for layer in dense]), strict=True
        ):
            totals[layer.name] = totals[layer.name] + gradient.numpy()
    return totals


def gradient_norms(model, x, y):
    """{Dense layer, the last one too: Euclidean norm of its kernel's gradient}; see `kernel_gradients`."""
    return {
        name: float(np.linalg.norm(gradient))
        for name, gradient in kernel_gradients(model, x, y).items()
    }


def _by_batch(model, x):
    """Yields {hidden layer: (pre-activations, activations, activation function)} for a batch of examples at a time."""
    blocks = _blocks(model, x)
    for start in range(0, len(x), BATCH):
        values = _tensor(x[start : start + BATCH])
        values = tf.reshape(values, (len(values), -1))
        found = {}
        for layer, function in blocks[:-1]:
            z = tf.matmul(values, layer.kernel.value)
            z = z + layer.bias.value if layer.use_bias else z
            values = function(z)
            found[layer.name] = (z, values, function)
        yield {name: (z.numpy(), a.numpy(), function) for name, (z, a, function) in found.items()}


def _blocks(model, x):
    """[(Dense layer, its activation function with that of the activation layers behind it)]."""
    kinds = (keras.layers.Flatten, keras.layers.Dense, *ACTIVATION_LAYERS)
    if (
        not isinstance(model, keras.Sequential)
        or not model.built
        or any(type(layer) not in kinds for layer in model.layers)
    ):
        raise ValueError(
            "model must be a built keras.Sequential of Flatten, Dense and activation layers, see build_mlp."
        )
    blocks = []
    for layer in model.layers:
        if isinstance(layer, keras.layers.Dense):
            blocks.append((layer, [layer.activation]))
        elif blocks:
            blocks[-1][1].append(layer)
    if len(blocks) < 2:
        raise ValueError(
            "model has no hidden layer to look into: it needs two Dense layers or more."
        )
    if not len(x) or np.shape(x)[1:] != model.input_shape[1:]:
        raise ValueError(
            f"x has shape {np.shape(x)}: give at least one example, each of shape {model.input_shape[1:]}."
        )
    return [(layer, _chain(functions)) for layer, functions in blocks]


def _tensor(x):
    return tf.convert_to_tensor(np.asarray(x, dtype=np.float32))


def _chain(functions):
    def chained(values):
        for function in functions:
            values = function(values)
        return values

    return chained


def _slopes(function, z):
    """|f'(z)| by automatic differentiation, as an array of z's shape."""
    z = tf.convert_to_tensor(z)
    with tf.GradientTape() as tape:
        tape.watch(z)
        values = function(z)
    return np.abs(tape.gradient(values, z).numpy())
