"""Notebook 14: precision and recall by hand, the two classes most confused, and a gain that mixes two changes."""

import numpy as np
from .checking import Wrong, call, exercise, hint_for


@exercise(
    "A column of the matrix gives precision, a row gives recall: two answers to two questions."
)
def check_precision_and_recall(precision_and_recall):
    """From a confusion matrix (true, predicted) and a class to (precision, recall)."""
    matrix = np.array([[8, 0, 2], [1, 0, 4], [3, 0, 12]])
    for digit, precision, recall in ((0, 8 / 12, 0.8), (2, 12 / 18, 0.8), (1, 0.0, 0.0)):
        with np.errstate(invalid="ignore"):
            found = call(precision_and_recall, matrix, digit)
        if np.shape(found) != (2,):
            raise Wrong("return two numbers: precision first, then recall.")
        found = tuple(map(float, found))
        what = f"for {matrix.tolist()} and digit {digit} it gives ({found[0]:.2f}, {found[1]:.2f})"
        if np.isnan(found[0]):
            raise Wrong(
                f"{what}: nothing was called {digit}, and 0 was divided by 0. Then precision is 0."
            )
        if np.allclose(found, (recall, precision)) and precision != recall:
            raise Wrong(
                f"{what}. Which is a column (all that were called so), which a row (all that are so)?"
            )
        if not np.allclose(found, (precision, recall)):
            raise Wrong(
                f"{what}. Divide the right ones by the sum of their column, and by the sum of their row."
            )


@exercise(
    "Both directions together name the two classes; the matrix itself says which is taken for which."
)
def check_most_confused(most_confused):
    """From a confusion matrix to the two classes, smaller first, with the most mistakes in both directions."""
    below = "Mistakes below the diagonal count as much as those above."
    diagonal = "The right answers, on the diagonal, are no mistakes."
    for matrix, expected, hint in (
        (
            [[90, 1, 2, 3], [1, 80, 9, 1], [2, 0, 70, 6], [7, 0, 6, 95]],
            (2, 3),
            "Add both directions.",
        ),
        ([[9, 0, 0], [5, 9, 0], [1, 1, 9]], (0, 1), below),
        ([[90, 4, 0], [2, 5, 0], [0, 5, 90]], (0, 1), diagonal),
    ):
        found = call(most_confused, np.array(matrix))
        if np.shape(found) != (2,):
            raise Wrong("return two classes, the smaller number first, such as (0, 1).")
        given = tuple(map(int, found))
        if given != expected:
            order = "Name the smaller number first." if given[::-1] == expected else hint
            raise Wrong(f"for {matrix} it names {given} instead of {expected}. {order}")


@exercise("One thing changed at a time: what is left belongs to the activation.")
def check_gain_of_relu(gain_of_relu):
    """Find the bug: from {(activation, optimizer): accuracy} to what relu gains over sigmoid on average."""
    accuracy = {("relu", "Adam"): 96.0, ("relu", "momentum"): 94.0, ("relu", "SGD"): 92.0}
    accuracy |= {("sigmoid", "Adam"): 90.0, ("sigmoid", "momentum"): 85.0, ("sigmoid", "SGD"): 77.0}
    accuracy |= {("tanh", name): 93.0 for name in ("Adam", "momentum", "SGD")}
    found = float(call(gain_of_relu, dict(accuracy)))
    mistakes = {
        "that is the bug itself: from sigmoid+SGD to relu+Adam the optimizer changes, too.": 19.0,
        "that is the gain with Adam alone. What is it with the others?": 6.0,
        "that is the gain with SGD alone. What is it with the others?": 15.0,
        "that is the sum over the optimizers, and the mean is asked for.": 30.0,
        "the sign: a gain is ReLU's accuracy minus sigmoid's.": -10.0,
    }
    if not np.isclose(found, 10):
        other = "subtract within each optimizer, then take the mean of the three."
        raise Wrong(f"it gives {found:g}: {hint_for(found, mistakes, other)}")
