"""Notebook 01: parameters counted, XOR with two ReLU units, and a test for x W + b that says no too often."""

import numpy as np
from .checking import Wrong, call, exercise


@exercise(
    "1,720,330 parameters are six hidden layers of 512; the five in the post's table would have 1,457,674."
)
def check_count_parameters(count_parameters):
    """A function from the layer sizes, inputs first, to the number of weights and biases."""
    for sizes, expected in (
        ((2, 3), 9),
        ((784, 512, 10), 407_050),
        ((784, *[512] * 6, 10), 1_720_330),
    ):
        found = call(count_parameters, sizes)
        if found == expected - sum(sizes[1:]):
            raise Wrong(
                f"{sizes} gives {found:,}: all weights are counted. What else does a unit learn?"
            )
        if found == expected + sizes[0]:
            raise Wrong(
                f"{sizes} gives {found:,}: inputs are given, not learned, so they have no bias."
            )
        if found != expected:
            raise Wrong(
                f"{sizes} gives {found:,} instead of {expected:,}. Draw a small one and count."
            )


@exercise("Two ReLU units bend the plane along one line each, and that is enough for XOR.")
def check_xor_weights(weights):
    """(hidden_kernel 2 x 2, hidden_bias 2, output_kernel 2, output_bias) of a ReLU network that computes XOR."""
    shapes = [np.shape(part) for part in weights]
    if shapes != [(2, 2), (2,), (2,), ()]:
        raise Wrong(f"the four parts have shapes {shapes}; they must be (2, 2), (2,), (2,) and ().")
    kernel, bias, output_kernel, output_bias = (np.asarray(part, dtype=float) for part in weights)
    points = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    outputs = np.maximum(points @ kernel + bias, 0) @ output_kernel + output_bias
    for point, output, expected in zip(points.tolist(), outputs, (0, 1, 1, 0), strict=True):
        if not np.isclose(output, expected, atol=1e-6):
            hint = "Let one hidden unit count the ones, and the other be above 0 only where both inputs are 1."
            raise Wrong(
                f"for the input {point} the network gives {output:.3g} instead of {expected}. {hint}"
            )


@exercise(
    "It tells a network without activation from one with an activation by its answers alone, weights unseen."
)
def check_is_affine(is_affine):
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
        found = call(is_affine, function)
        if bool(found) != expected:
            hint = "How often does b stand on each side of your equation? How does the equation for XOR avoid that?"
            raise Wrong(f"it calls {name} {'affine' if found else 'not affine'}. {hint}")
