"""Notebook 04: the gradient through ReLU, the kinks of a layer, and He's standard deviation for any kernel."""

import numpy as np
from .checking import Wrong, call, exercise, hint_for


@exercise(
    "The slope is 1 where ReLU let a number through and 0 elsewhere; it agrees with finite differences."
)
def check_relu_kernel_gradient(kernel_gradient):
    """Find the bug: the gradient of a ReLU layer's kernel (inputs, units) from that of its output."""
    generator = np.random.default_rng(0)
    shapes = (6, 4), (4, 3), (3,), (6, 3)
    x, kernel, bias, output_gradient = (generator.normal(size=shape) for shape in shapes)
    found = np.asarray(call(kernel_gradient, x, kernel, bias, output_gradient))
    if found.shape != kernel.shape:
        raise Wrong(
            f"the kernel has shape {kernel.shape} and your gradient {found.shape}. They must be alike."
        )
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
    "Each unit has its kink where its weighted sum changes sign, if that place lies in sight."
)
def check_kinks(kinks):
    """From kernel (1, units), bias (units,), low and high to the sorted kinks between low and high."""
    kernel, bias = np.array([[2.0, -1.0, 0.5, 0.0, 4.0]]), np.array([1.0, 2.0, -4.0, 1.0, -1.0])
    with np.errstate(divide="ignore"):
        found = np.asarray(call(kinks, kernel, bias, -3.0, 3.0), dtype=float)
    expected = np.array([-0.5, 0.25, 2.0])
    given = "For weights (2, -1, 0.5, 0, 4) and biases (1, 2, -4, 1, -1), between -3 and 3,"
    if found.shape != expected.shape:
        raise Wrong(
            f"{given} there are 3 kinks; yours has shape {found.shape}. Which lie outside, which unit has none?"
        )
    if np.allclose(np.sort(found), np.sort(-expected)):
        raise Wrong(f"{given} the places have the wrong sign: solve w x + b = 0 for x.")
    if not np.allclose(found, expected):
        raise Wrong(
            f"{given} it gives {found.round(2).tolist()}. Solve w x + b = 0 for each unit, then sort."
        )


@exercise(
    "Fan-in counts the numbers in one weighted sum: 784 for a layer on an image, 9 for a 3 x 3 filter on grey."
)
def check_he_standard_deviation(he_standard_deviation):
    """From a kernel's shape, Dense or convolution, to the standard deviation by He's rule."""
    for shape in ((784, 256), (256, 10), (3, 3, 1, 32), (3, 3, 32, 64)):
        found = float(call(he_standard_deviation, shape))
        fan_in, fan_out, inputs = np.prod(shape[:-1]), shape[-1], shape[-2]
        variances = {
            "that is the variance; the standard deviation is its square root": (2 / fan_in) ** 2,
            "that counts the outputs; how many numbers go into one sum?": 2 / fan_out,
            "that is Glorot's rule, which also counts the outputs": 2 / (fan_in + fan_out),
            "a factor is missing: ReLU drops half of the mean square": 1 / fan_in,
            "a filter sums over height, width and inputs, not over the inputs alone": 2 / inputs,
        }
        if not np.isclose(found, (2 / fan_in) ** 0.5):
            hint = hint_for(found**2, variances, "see He's rule above")
            raise Wrong(f"for the shape {shape} it gives {found:.4f}: {hint}.")
