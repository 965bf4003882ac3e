"""Notebook 04: the gradient through ReLU, and hinges that training has to place."""

import keras
import numpy as np
from .checking import Wrong, array, call, describe, exercise

MOST_UNITS = 8
TENT_ERROR = 0.001


@exercise(
    "The slope is 1 where ReLU let a number through and 0 elsewhere; it agrees with finite differences."
)
def check_relu_kernel_gradient(kernel_gradient):
    """Find the bug: the gradient of a ReLU layer's kernel (inputs, units) from that of its output."""
    generator = np.random.default_rng(0)
    shapes = (6, 4), (4, 3), (3,), (6, 3)
    x, kernel, bias, output_gradient = (generator.normal(size=shape) for shape in shapes)
    found = call(kernel_gradient, x, kernel, bias, output_gradient)
    found = array(found, kernel.shape, f"one number per weight: an array of shape {kernel.shape}")
    if np.allclose(found, x.T @ output_gradient):
        raise Wrong(
            "that is the gradient of a layer without activation. For which values is your slope ever 0?"
        )
    expected = np.zeros_like(kernel)
    for place in np.ndindex(kernel.shape):  # central differences of sum(output * output_gradient)
        step = np.zeros_like(kernel)
        step[place] = 1e-6
        up, down = (
            np.sum(np.maximum(x @ k + bias, 0) * output_gradient)
            for k in (kernel + step, kernel - step)
        )
        expected[place] = (up - down) / 2e-6
    if not np.allclose(found, expected, atol=1e-5):
        hint = "What is the derivative of ReLU where it let a number through, and where it did not?"
        raise Wrong(
            f"it disagrees with finite differences (a weight moved a little, up and down). {hint}"
        )


@exercise(
    "It follows the tent: training found hinges about as good as those placed by hand.",
    of_function=False,
)
def check_tent(network):
    """A trained keras.Sequential of one hidden ReLU layer that follows max(1 - |x|, 0) between -3 and 3."""
    if not isinstance(network, keras.Sequential):
        raise Wrong(
            "give the check the trained network itself: network = keras.Sequential(...), then fit it. It got "
            f"{describe(network)}."
        )
    hidden = _hidden_layer(network)
    if hidden.units > MOST_UNITS:
        raise Wrong(f"it has {hidden.units} hidden units, and {MOST_UNITS} at most are allowed.")
    optimizer = getattr(network, "optimizer", None)
    if optimizer is None or int(optimizer.iterations.numpy()) == 0:
        raise Wrong(
            "the network is not trained yet: call its compile and fit on x_tent and y_tent."
        )
    x = np.linspace(-3, 3, 6001, dtype="float32")[:, None]
    error = float(np.mean((network(x).numpy() - np.maximum(1 - np.abs(x), 0)) ** 2))
    if not error < TENT_ERROR:
        raise Wrong(
            f"its mean squared error is {error:.4f}. Where are its kinks, and where should they be? "
            "Another seed gives other initial weights; more epochs give it more time."
        )


def _hidden_layer(network):
    """The one hidden layer of a network from one number to one number, or Wrong."""
    if not network.built or network.input_shape != (None, 1) or network.output_shape != (None, 1):
        raise Wrong("it should take one number, keras.Input((1,)), and end in Dense(1).")
    layers = network.layers
    if len(layers) != 2 or not all(isinstance(layer, keras.layers.Dense) for layer in layers):
        raise Wrong(f"it has {len(layers)} layers: use Dense with ReLU, then Dense(1), no others.")
    if layers[0].activation is not keras.activations.relu:
        raise Wrong("its hidden layer has another activation: use activation='relu'.")
    if layers[1].activation is not keras.activations.linear:
        raise Wrong(
            "its last layer has an activation, which bends the sum once more: use Dense(1)."
        )
    return layers[0]
