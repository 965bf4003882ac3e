"""Notebook 12: a correction that never moves on, an epsilon in the wrong place, and a step of AdamW."""

import numpy as np
from .checking import Wrong, call, exercise, hint_for, require_shape


@exercise(
    "With a constant gradient every update is 1, from the first step on: the correction follows the counter."
)
def check_adam_updates(adam_updates):
    """Find the bug: a function from the gradients of one weight, one a step, to Adam's updates."""
    for name, gradients in (
        ("a constant gradient", [0.5] * 40),
        ("changing gradients", [1.0, -2.0, 0.5, 3.0] * 10),
    ):
        found = np.asarray(call(adam_updates, list(gradients)), dtype=float)
        require_shape(found, (40,), "40 gradients", "Return one update a gradient.")
        right = np.isclose(found, _adam_updates(gradients, range(1, 41)), rtol=1e-4)
        if right.all():
            continue
        if not np.isfinite(found).all():
            raise Wrong(
                "an update is not a finite number. Counted from 0, the first factor 1 - 0.9^t would be 0."
            )
        k = int(np.argmin(right))
        expected = _adam_updates(gradients, range(1, 41))[k]
        stuck, uncorrected = (_adam_updates(gradients, [t] * 40) for t in (1, 10**6))
        mistakes = {
            "that is the bug itself: every step is corrected as if it were the first. Which number stays?": stuck,
            "these updates are not corrected at all: with a constant gradient the first should be 1.": uncorrected,
        }
        other = f"for {name}, update {k + 1} is {found[k]:.3f} instead of {expected:.3f}. What is t in that step?"
        raise Wrong(hint_for(found, mistakes, other, rtol=1e-4))


def _adam_updates(gradients, counts):
    """Adam's updates, step k corrected with counts[k]."""
    m, v, found = 0.0, 0.0, []
    for t, g in zip(counts, gradients, strict=True):
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
        found.append(m / (1 - 0.9**t) / (np.sqrt(v / (1 - 0.999**t)) + 1e-7))
    return np.array(found)


@exercise("Epsilon protects the division and nothing else: no gradient, no update.")
def check_adam_direction(adam_direction):
    """Find the bug: from corrected means (weights,) and epsilon to Adam's updates with the paper's epsilon."""
    m_hat, v_hat = np.array([0.0, 1e-3, -1e-3, 2.0]), np.array([0.0, 1e-6, 4e-6, 4.0])
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.asarray(call(adam_direction, m_hat, v_hat, 1e-3), dtype=float)
    require_shape(found, m_hat.shape, "four weights", "Return one update a weight.")
    if not np.isfinite(found).all():
        raise Wrong(
            "a weight without any gradient (both means 0) becomes NaN: 0 / 0. What should epsilon prevent?"
        )
    if found[0] != 0:
        raise Wrong(
            f"a weight without any gradient moves by {found[0]:.3g}. To what is epsilon added?"
        )
    if np.allclose(found, m_hat / np.sqrt(v_hat + 1e-3)):
        raise Wrong(
            "epsilon stands under the root: that is its place in RMSprop, where it weighs far more."
        )
    if not np.allclose(found, m_hat / (np.sqrt(v_hat) + 1e-3)):
        raise Wrong(
            f"for means 0.001 and 0.000001 and an epsilon of 0.001 it gives {found[1]:.3g} instead of 0.5. "
            "Divide by the root of the second mean plus epsilon."
        )


@exercise("Each weight loses the same share of itself, rate x decay, whatever its gradients are.")
def check_adamw_step(adamw_step):
    """From weights, Adam's update for them, learning rate and decay to the weights after a step of AdamW."""
    weights, update, rate, decay = np.array([1.0, -2.0, 0.5]), np.array([1.0, 0.5, 0.0]), 0.1, 0.2
    found = np.asarray(call(adamw_step, weights, update, rate, decay), dtype=float)
    require_shape(found, weights.shape, "three weights", "Return all weights after the step.")
    adam, loss = weights - rate * update, rate * decay * weights
    without_rate = adam - decay * weights
    same_amount = adam - rate * decay
    mistakes = {
        "the weights do not decay at all; one of the four arguments is not used.": adam,
        "the decay is not multiplied by the learning rate.": without_rate,
        "the decay is added: it should pull the weights towards 0.": adam + loss,
        "that is the change; return the weights after it.": rate * update + loss,
        "every weight loses the same amount; it should lose the same share.": same_amount,
    }
    if not np.allclose(found, adam - loss):
        other = (
            f"a weight of 0.5 with update 0, rate 0.1 and decay 0.2 becomes {found[2]:.4g} instead of 0.49. "
            "Subtract two things: rate times update, and rate times decay times weight."
        )
        raise Wrong(hint_for(found, mistakes, other))
