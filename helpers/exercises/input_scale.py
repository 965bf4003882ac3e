"""Notebook 05: the largest learning rate, the same training in other units, and a scale fixed by the wrong images."""

import numpy as np
from .checking import Wrong, call, exercise


@exercise("The steepest direction sets the limit for all: 2 / largest curvature.")
def check_learning_rate_limit(learning_rate_limit):
    """A function from a Hessian to the largest learning rate with which gradient descent does not climb."""
    for hessian, largest in (
        ([[4, 0], [0, 1]], 4),
        ([[2, 1], [1, 2]], 3),
        ([[3, 2, 0], [2, 3, 0], [0, 0, 1]], 5),
    ):
        found = float(call(learning_rate_limit, np.array(hessian, dtype=float)))
        if np.isclose(found, 1 / largest):
            raise Wrong(
                f"for {hessian} it gives {found:.3g}: there w jumps to 0 at once. How far until it climbs?"
            )
        if not np.isclose(found, 2 / largest):
            hint = "Which of the curvatures (eigenvalues, not entries) makes |1 - learning rate x curvature| reach 1?"
            raise Wrong(f"for {hessian} it gives {found:.3g} instead of {2 / largest:.3g}. {hint}")


@exercise(
    "A kernel that is c times smaller needs steps c times smaller, from a gradient c times larger: c squared."
)
def check_in_other_units(in_other_units):
    """From (kernel, learning rate, factor) to the kernel and its rate that train alike on inputs times factor."""
    generator = np.random.default_rng(0)
    shapes = (8, 3), (8, 2), (3, 2)
    inputs, targets, kernel = (generator.random(shape) for shape in shapes)
    for factor in (10.0, 0.5):
        answer = call(in_other_units, kernel, 0.1, factor)
        if len(answer) != 2 or np.shape(answer[0]) != kernel.shape or np.shape(answer[1]) != ():
            raise Wrong(
                "return two things: a kernel of the same shape, and a learning rate (one number)."
            )
        other, rate = np.array(answer[0], dtype=float), float(answer[1])
        if not np.allclose(factor * inputs @ other, inputs @ kernel):
            raise Wrong(
                f"inputs times {factor:g} give other outputs before training. What must the kernel become?"
            )
        # Steps down the mean squared error, up to a factor that both have.
        step = 0.1 * inputs.T @ (inputs @ kernel - targets)
        other_step = rate * (factor * inputs).T @ (factor * inputs @ other - targets)
        if not np.allclose(factor * other_step, step):
            hint = "The gradient has the inputs as a factor; and how large must a step of the new kernel be?"
            raise Wrong(
                f"inputs times {factor:g}: the outputs differ after one step of SGD. {hint}"
            )


@exercise(
    "Mean and deviation come from the training images and belong to the network; test images are only measured."
)
def check_standardize(standardize):
    """Find the bug: training and test pixels brought to the scale of the training pixels."""
    train = np.array([[10, 20], [30, 60]], dtype=np.uint8)
    test = np.array([[0, 10], [20, 30]], dtype=np.uint8)
    answer = call(standardize, train, test)
    if len(answer) != 2 or [np.shape(part) for part in answer] != [train.shape, test.shape]:
        raise Wrong(
            "return two arrays of the shapes of train and test: every pixel is scaled, none is dropped."
        )
    train_scaled, test_scaled = (np.asarray(part, dtype=float) for part in answer)
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
