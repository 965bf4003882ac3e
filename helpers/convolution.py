"""A convolution and the max-pooling after it for all copies of a stack, as one matrix product.

Its windows are as large as what the kernel sees from one pooling window. They are multiplied by a
matrix that holds the kernel once for each place in the pooling window, with zeros around it; then
the largest of these places is taken.
"""

import keras
import numpy as np
import tensorflow as tf

# With one of these the largest output belongs to the largest sum, so pooling may come first: with
# tanh a step then takes a bit more than half as long.
INCREASING = tuple(
    map(keras.activations.get, ("linear", "relu", "leaky_relu", "elu", "sigmoid", "tanh"))
)
INCREASING_LAYERS = (keras.layers.ReLU, keras.layers.LeakyReLU)


def pooling_after(layers, number):
    """The MaxPooling2D layer after layers[number], a Conv2D, with activations at most between; or None."""
    if not isinstance(layers[number], keras.layers.Conv2D):
        return None
    for layer in layers[number + 1 :]:
        if isinstance(layer, keras.layers.MaxPooling2D):
            return layer
        if isinstance(layer, (keras.layers.Conv2D, keras.layers.Flatten, keras.layers.Reshape)):
            return None
    return None


def is_increasing(layers, number):
    """Whether all activations from the convolution layers[number] to its pooling are INCREASING."""
    between = layers[number : layers.index(pooling_after(layers, number))]
    return all(
        isinstance(layer, INCREASING_LAYERS) or getattr(layer, "activation", None) in INCREASING
        for layer in between
    )


def convolve(images, kernel, kernel_size, pool_size):
    """The convolution's sums without bias, those of one pooling window side by side.

    images: (copies or 1, batch, height, width, channels);
    kernel: (copies, rows * columns * channels, outputs); kernel_size, pool_size: (rows, columns).
    Returns (copies, batch, windows down, windows across, places in a window, outputs).
    """
    copies, _, outputs = kernel.shape
    filters = tf.reshape(kernel, (copies, *kernel_size, -1, outputs))
    placed = []
    for place in np.ndindex(pool_size):
        margins = [(start, size - 1 - start) for start, size in zip(place, pool_size, strict=True)]
        placed.append(tf.pad(filters, [(0, 0), *margins, (0, 0), (0, 0)]))
    placed = tf.stack(placed, axis=-2)
    ends = []  # behind the start of the last window, downwards and across
    for size, seen, pool in zip(images.shape[2:4], kernel_size, pool_size, strict=True):
        ends.append(((size - seen + 1) // pool - 1) * pool + 1)
    pixels = []
    for row, column in np.ndindex(*placed.shape[1:3]):
        rows = slice(row, row + ends[0], pool_size[0])
        columns = slice(column, column + ends[1], pool_size[1])
        pixels.append(images[:, :, rows, columns])
    windows = tf.concat(pixels, axis=-1)
    rows = tf.reshape(windows, (windows.shape[0], -1, windows.shape[-1]))
    products = tf.matmul(rows, tf.reshape(placed, (copies, windows.shape[-1], -1)))
    return tf.reshape(products, (copies, *windows.shape[1:-1], -1, outputs))


def largest(values):
    """The largest along the last axis but one. Ties share the gradient.

    Keras' pooling gives it to one of them, which differs only for kernels of equal weights. With
    tf.reduce_max's own gradient, the same numbers, a step takes up to a third longer; with
    tf.custom_gradient as long, but TensorFlow then keeps the graph, and the images with it, for good.
    """
    highest = tf.stop_gradient(tf.reduce_max(values, axis=-2))
    winners = tf.cast(values == highest[..., None, :], values.dtype)
    shares = tf.stop_gradient(winners / tf.reduce_sum(winners, axis=-2, keepdims=True))
    shared = tf.reduce_sum(shares * values, axis=-2)  # brings the gradient; its value is taken out
    return highest + (shared - tf.stop_gradient(shared))
