"""Notebook 00: the accuracy of no idea, nearest neighbours chosen and judged, a "test accuracy" that is none."""

import functools

import numpy as np
from .checking import TRAINING, Wrong, call, describe, exercise, hint_for, number, stored_images
from sklearn.neighbors import KNeighborsClassifier

NEIGHBOURS = (1, 3, 5, 9, 15)


@exercise(
    "An accuracy means something only beside this baseline: 0.1 for ten equal classes, more for unequal ones."
)
def check_majority_accuracy(majority_accuracy):
    """A function from labels to the accuracy of always answering the most frequent one."""
    skewed = np.array([3, 3, 3, 1, 0, 3, 2, 3])
    for kind, labels, expected in (
        ("ten equally frequent classes", np.repeat(np.arange(10), 7), 0.1),
        (f"the labels {skewed.tolist()}", skewed, 5 / 8),
    ):
        found = number(call(majority_accuracy, labels), "one number, the accuracy")
        if not np.isclose(found, expected):
            raise Wrong(
                f"for {kind} it gives {found:.3g}. Count the most frequent class; what share of all is that?"
            )


@exercise("The validation images chose k, and the test images judged it once.")
def check_choose_and_judge(choose_and_judge):
    """A function that trains nearest neighbours for each k, chooses one and returns it with its accuracy."""
    arrays, training, validation, test = _nearest_neighbours()
    result = call(choose_and_judge, *arrays, seconds=TRAINING)
    if not isinstance(result, tuple) or len(result) != 2:
        raise Wrong(
            f"your function returns {describe(result)}. Return two things: return best_k, accuracy"
        )
    k = int(number(result[0], "a whole number first, k"))
    accuracy = number(result[1], "one number second, the accuracy")
    if k not in NEIGHBOURS or k != result[0]:
        raise Wrong(
            f"it chose {describe(result[0])} as k. Choose one of {', '.join(map(str, NEIGHBOURS))}."
        )
    best = max(validation.values())
    if not np.isclose(validation[k], best):
        right = (
            "the test images choose it" if test[k] == max(test.values()) else "it is not the best"
        )
        raise Wrong(
            f"k = {k} gets {validation[k]:.1%} of the validation images right, and another k {best:.1%}: "
            f"{right}. Which set chooses?"
        )
    mistakes = {
        "that is its accuracy on the validation images, which chose it": validation[k],
        "that is its accuracy on the training images, which it has memorised": training[k],
    }
    if not np.isclose(accuracy, test[k]):
        hint = hint_for(accuracy, mistakes, f"{accuracy:.3g} is not its accuracy")
        raise Wrong(f"k = {k} is right, but {hint}. Judge it on the test images.")


@functools.cache
def _nearest_neighbours():
    """The six arrays that an answer gets, and {k: accuracy} on the training, validation and test images."""
    images, labels = stored_images("fashion_mnist", 2_500)
    sets = (
        (images[:2_000], labels[:2_000]),
        (images[2_000:], labels[2_000:]),
        stored_images("fashion_mnist", 2_000, "test"),
    )
    rows = [(x.reshape(len(x), -1), y) for x, y in sets]
    models = {k: KNeighborsClassifier(k).fit(*rows[0]) for k in NEIGHBOURS}
    scores = [{k: model.score(*pair) for k, model in models.items()} for pair in rows]
    return [array for pair in sets for array in pair], *scores


@exercise(
    "Validation chooses the epoch, the test set judges it once: 0.87, where the buggy function published 0.90."
)
def check_honest_accuracy(honest_accuracy):
    """Find the bug: from accuracies by epoch on validation and test data to the one number to publish."""
    validation, test = np.array([0.80, 0.88, 0.90, 0.89]), np.array([0.79, 0.89, 0.87, 0.88])
    found = number(call(honest_accuracy, validation, test), "one number, an accuracy")
    mistakes = {
        "that is the best validation accuracy, the bug itself: the epoch was chosen for being good on it": 0.90,
        "that is the best test accuracy: now the test set chose the epoch, and no longer judges it": 0.89,
        "that is the test accuracy after the last epoch; nobody had chosen that epoch": 0.88,
    }
    if not np.isclose(found, 0.87):
        hint = hint_for(found, mistakes, f"it gives {found:.3g}")
        raise Wrong(f"{hint}. Which set chooses, and which one judges the choice?")
