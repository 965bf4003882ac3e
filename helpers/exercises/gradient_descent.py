"""Notebook 10: an epoch of mini-batches, a range test that does not restore, and the noise scale."""

import numpy as np
from .checking import Wrong, call, exercise, hint_for, require_shape


@exercise(
    "The mean keeps the learning rate's meaning, whatever the size of the batch, a smaller last one included."
)
def check_one_epoch(one_epoch):
    """From (w, gradient_of_one, order, size, rate) to the weights after an epoch of mini-batch descent."""
    centres = np.array([[0.0, 1.0], [2.0, 1.0], [4.0, -3.0], [1.0, 5.0], [-2.0, 0.5]])
    order = [3, 0, 4, 2, 1]

    def gradient_of_one(w, example):
        return w - centres[example]

    def after(*batches, combine=np.mean):
        w = np.zeros(2)
        for batch in batches:
            w = w - 0.1 * combine([gradient_of_one(w, example) for example in batch], axis=0)
        return w

    found = np.asarray(call(one_epoch, np.zeros(2), gradient_of_one, order, 2, 0.1))
    require_shape(found, (2,), "two weights", "Return the weights after the last step.")
    all_but_last = after([3, 0], [4, 2])
    summed = after([3, 0], [4, 2], [1], combine=np.sum)
    as_numbered = after([0, 1], [2, 3], [4])
    one_by_one = after(*[[example] for example in order])
    mistakes = {
        "the last batch, which has only one example, got no step. Where must it end?": all_but_last,
        "that is the sum over the batch. What would 1,024 examples do to w?": summed,
        "it takes the examples as they are numbered. What is `order` for?": as_numbered,
        "that is one step with all examples. How many batches of 2 are 5 examples?": after(order),
        "that is a step for every single example. What is `size` for?": one_by_one,
        "only the first batch got its step. When does the function return?": after([3, 0]),
    }
    if not np.allclose(found, after([3, 0], [4, 2], [1])):
        other = "you get other weights. Does each step use the weights of the last?"
        raise Wrong(f"five examples in batches of 2: {hint_for(found, mistakes, other)}")


@exercise("A copy of each array survives steps in place; a new list of the same arrays does not.")
def check_restoring_range_test(restoring_range_test):
    """Find the bug: from (weights, take_step, rates) to the losses; the weights stay as they were."""
    weights, rates = [np.array([1.0, -2.0]), np.array([[0.5]])], [0.1, 0.2, 0.4]
    before, arrays = [part.copy() for part in weights], list(weights)

    def take_step(weights, rate):
        loss = sum(np.sum(part**2) for part in weights)
        for part in weights:
            part -= 2 * rate * part
        return loss

    copies = [part.copy() for part in before]
    expected = [take_step(copies, rate) for rate in rates]
    losses = np.asarray(call(restoring_range_test, weights, take_step, rates), dtype=float)
    if len(weights) != 2 or any(part is not old for part, old in zip(weights, arrays, strict=True)):
        raise Wrong(
            "the list holds other arrays now, and a network would not see them. Write into the old arrays."
        )
    if not all(np.array_equal(part, old) for part, old in zip(weights, before, strict=True)):
        raise Wrong(
            "the weights are not what they were. Which arrays does `saved` hold while steps are made in place?"
        )
    require_shape(losses, (3,), "three rates", "Give one loss a rate.")
    if np.allclose(losses, expected[0]):
        raise Wrong(
            "all losses are that of the first weights. Each step starts where the one before it ended."
        )
    if not np.allclose(losses, expected):
        raise Wrong(
            "the losses are not those that take_step returned, one after the other, from small rates on."
        )


@exercise(
    "Variance over squared length: below this batch size a gradient is more noise than direction."
)
def check_noise_scale(noise_scale):
    """From gradients of single examples (examples, weights) to the noise scale."""
    gradients = np.array([[1.0, 2.0], [3.0, -2.0], [5.0, 3.0], [-1.0, 1.0]])
    found = np.asarray(call(noise_scale, gradients))
    if found.shape != ():
        raise Wrong(
            f"shape {found.shape} came out: sum over the columns, above and below, and return one number."
        )
    variance, square = gradients.var(axis=0).sum(), np.sum(gradients.mean(axis=0) ** 2)
    deviation, mixed = gradients.std(axis=0).sum(), gradients.var()
    mean_square = np.sum(gradients**2, axis=1).mean()
    one_less = gradients.var(axis=0, ddof=1).sum()
    mistakes = {
        "it is upside down: more noise asks for a larger batch.": square / variance,
        "the length is not squared, the variance is a square.": variance / np.sqrt(square),
        "that is the mean of the squares: take the mean gradient first.": variance / mean_square,
        "the spread must be squared: the variance, not the standard deviation.": deviation / square,
        "that is the variance of all entries mixed: take it within each column.": mixed / square,
        "that divides by one example too few: the four examples are all there are.": one_less
        / square,
        "only the variance is there. What is it compared with?": variance,
    }
    if not np.isclose(found, variance / square):
        other = "solve variance / B = squared length of the mean for B."
        hint = hint_for(found, mistakes, other)
        raise Wrong(f"for four gradients it gives {found:.3g}: {hint}")
