"""Notebook 08: a comparison of the learner's own, and one that trains a network twice."""

import contextlib
import io

import numpy as np
from .. import evidence
from .checking import MANY_TRAININGS, Wrong, array, call, describe, exercise

SEEDS = (2_000, 2_001, 2_002, 2_003, 2_004)
FIVE = "one difference per seed: five numbers"
CONCLUSIONS = ("better", "worse", "undecided")


@exercise(
    "The conclusion follows from the interval. If it is undecided, that is a result, too: five runs do not tell."
)
def check_own_comparison(own_comparison):
    """A function of five seeds that trains two networks and returns their differences in points, and a conclusion."""
    with contextlib.redirect_stdout(io.StringIO()):  # without the bars and reports of the trainings
        answer = call(own_comparison, SEEDS, seconds=MANY_TRAININGS)
    if not isinstance(answer, (tuple, list)) or len(answer) != 2:
        raise Wrong(
            f"your function returns {describe(answer)}. It should return two things, in this order: "
            "return differences, conclusion"
        )
    differences, conclusion = answer
    differences = array(differences, (5,), FIVE)
    _require_possible(differences)
    if not isinstance(conclusion, str) or conclusion not in CONCLUSIONS:
        raise Wrong(
            f"the conclusion is {describe(conclusion)}: say one of {', '.join(CONCLUSIONS)}."
        )
    low, high = evidence.paired_interval(differences, np.zeros(5))
    if conclusion != "undecided" and low < 0 < high:
        raise Wrong(
            f"it says {conclusion!r}, and the 95 % interval of your differences holds 0. What follows from that?"
        )
    if conclusion == "undecided" and not low < 0 < high:
        raise Wrong(
            "it says 'undecided', and the 95 % interval of your differences leaves out 0. What follows from that?"
        )
    if conclusion == ("worse" if low > 0 else "better"):
        raise Wrong(
            f"it says {conclusion!r}. The differences are rival minus ReLU: on which side of 0 is the interval?"
        )


def _require_possible(differences):
    """Raise Wrong unless two trainings can have given these differences, in points."""
    if np.all(differences == 0):
        raise Wrong("all differences are 0: is the rival another activation than ReLU?")
    if np.ptp(differences) < 1e-9:
        raise Wrong("all five differences are equal: does each run start from its own seed?")
    if np.max(np.abs(differences)) < 0.1:
        raise Wrong(
            "no difference reaches 0.1: is that in points? An accuracy of 0.85 is 85 %, and one of 86 % a point more."
        )
    if np.max(np.abs(differences)) > 90:
        raise Wrong(
            f"one difference is {np.max(np.abs(differences)):.0f} points. Even guessing gets 10 %: "
            "are these differences, and both accuracies in per cent?"
        )


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
        found = array(call(fair_differences, new_network, train, seeds), (5,), FIVE)
        if np.allclose(found, 2.5):
            raise Wrong(
                "the second rate wins by 2.5 points, and most of that is a second training. Look at `network`."
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
                f"{found.mean():.3g} is not what the second rate brings. How often is each network trained?"
            )
