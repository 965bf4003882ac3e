"""Notebook 08: the first epoch at a target, an interval by hand, and a comparison that trains one network twice."""

import numpy as np
from .checking import Wrong, call, exercise, hint_for, require_shape


@exercise(
    "Speed is a number of epochs only when a target is named; another target can name another winner."
)
def check_first_epoch(first_epoch):
    """A function from a curve (one accuracy an epoch) and a target to the first epoch, from 1, that reaches it."""
    curve = np.array([0.70, 0.82, 0.85, 0.84, 0.86])
    for target, expected in ((0.82, 2), (0.845, 3), (0.5, 1), (0.86, 5), (0.9, np.inf)):
        found = float(call(first_epoch, curve, target))
        if expected == np.inf and found != np.inf:
            raise Wrong(
                f"the curve never reaches 0.9, and it gives {found:.3g}. Say np.inf there: not in this run."
            )
        if np.isfinite(expected) and found == expected - 1:
            raise Wrong(
                f"for the target {target} it gives {found:.3g}. Epochs are counted from 1, indices from 0."
            )
        if found != expected:
            hint = f"The curve is {curve.tolist()}; reaching the target exactly counts, and only the first time."
            raise Wrong(
                f"for the target {target} it gives {found:.3g} instead of {expected}. {hint}"
            )


@exercise(
    "That is all that stands behind the verdicts of this series: five differences, their mean and their spread."
)
def check_interval_by_hand(interval_by_hand):
    """A function from two arrays, one number a seed, to the 95 % paired t interval (low, high) for five seeds."""
    a, b = np.array([88.3, 88.4, 86.9, 88.5, 88.2]), np.array([88.0, 88.2, 86.4, 88.3, 88.1])
    found = call(interval_by_hand, a, b)
    if np.shape(found) != (2,):
        raise Wrong(f"it gives {found!r}. Return two numbers, the low end and the high end.")
    low, high = (float(end) for end in found)
    middle, half = (low + high) / 2, (high - low) / 2
    difference = a - b
    if not np.isclose(middle, difference.mean()):
        raise Wrong(
            f"its middle is {middle:.3g}. The middle is the mean of a - b, {difference.mean():.3g}."
        )
    t, s, root = 2.776, difference.std(ddof=1), np.sqrt(5)
    s_of_n = difference.std()
    s_unpaired = np.sqrt(a.var(ddof=1) + b.var(ddof=1))
    mistakes = {
        "that is t times s. The mean of five varies less than one: divide by what?": t * s,
        "s is divided by n here. Around their own mean use n - 1: ddof=1.": t * s_of_n / root,
        "1.96 is for many seeds. For five it is 2.776.": 1.96 * s / root,
        "that forgets the pairs. Subtract first, seed by seed.": t * s_unpaired / root,
    }
    if not np.isclose(half, t * s / root, rtol=0.002):
        hint = hint_for(half, mistakes, "which formula did you use?", rtol=0.002)
        raise Wrong(f"it reaches {half:.3g} to each side; {hint}")


@exercise(
    "Two arms may differ in one thing only: each needs a network of its own, and both the same seed."
)
def check_fair_differences(fair_differences):
    """Find the bug: paired differences between two learning rates, from functions new_network and train."""

    def new_network(seed):
        return {"luck": np.random.default_rng(int(seed)).normal(), "trainings": 0}

    def train(network, learning_rate):
        network["trainings"] += 1
        return 80 + network["luck"] + 2 * network["trainings"] + (learning_rate == 0.003) / 2

    for seeds in (range(5), (7, 3, 11, 20, 6)):
        found = np.asarray(call(fair_differences, new_network, train, seeds), dtype=float)
        require_shape(found, (5,), "five seeds", "Return one difference a seed.")
        if np.allclose(found, 2.5):
            raise Wrong(
                "the second rate wins by 2.5 points: it is worth 0.5, and a second training 2. Look at `network`."
            )
        if np.allclose(found, -0.5):
            raise Wrong(
                "the size is right, the sign is not: return the second rate's accuracy minus the first one's."
            )
        if np.ptp(found) > 1e-6:
            raise Wrong(
                "the differences vary from seed to seed: do both arms start from the same seed?"
            )
        if not np.allclose(found, 0.5):
            raise Wrong(
                f"it gives {found.mean():.3g} where 0.5 is right. How often is each network trained?"
            )
