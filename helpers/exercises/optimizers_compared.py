"""Notebook 13: one dictionary under two names, a learning rate chosen among NaN, and warm-up with a cosine."""

import numpy as np
from .checking import Wrong, call, exercise


@exercise(
    "Two dictionaries, and what is written into the one stays out of the other: SGD is SGD again."
)
def check_both_settings(both_settings):
    """Find the bug: from a learning rate to {"SGD": settings, "momentum": settings}, each a dictionary."""
    for rate in (0.01, 0.3):
        found = call(both_settings, rate)
        if not isinstance(found, dict) or set(found) != {"SGD", "momentum"}:
            raise Wrong(
                'return a dictionary with two names, "SGD" and "momentum", and a dictionary for each.'
            )
        used = {name: settings.get("momentum", 0.0) for name, settings in found.items()}
        if used["SGD"] == used["momentum"]:
            hint = "How many dictionaries are there, and how many names for each?"
            raise Wrong(
                f"both have momentum {used['SGD']}: the two curves would lie on each other. {hint}"
            )
        if used["SGD"] != 0 or used["momentum"] != 0.9:
            raise Wrong(
                f"SGD has momentum {used['SGD']} and momentum {used['momentum']}. Which should have 0.9?"
            )
        if any(settings.get("learning_rate") != rate for settings in found.values()):
            raise Wrong(
                f"for a rate of {rate} not both have learning_rate {rate}. The bug was in momentum only."
            )


@exercise(
    "A rate at which runs diverge counts as what it is: on some seeds no better than guessing."
)
def check_choose_rate(choose_rate):
    """From validation accuracies (seeds, rates), NaN where a run diverged, and the rates to the rate to use."""
    nan, rates = np.nan, np.array([0.001, 0.01, 0.1, 1.0])
    none = "No run diverged here. Mean over seeds, then the highest."
    all_at_1 = "At a rate of 1 every run diverged. What is NaN's place?"
    half_at_01 = "At 0.1 one run of two diverged: count it as guessing."
    guessing = "A diverged run counts as 0.1, the accuracy of guessing."
    for accuracy, expected, hint in (
        ([[0.6, 0.8, 0.7, 0.2], [0.6, 0.7, 0.9, 0.2]], 0.1, none),
        ([[0.6, 0.8, 0.7, nan], [0.6, 0.8, 0.7, nan]], 0.01, all_at_1),
        ([[0.6, 0.8, 0.9, nan], [0.6, 0.8, nan, nan]], 0.01, half_at_01),
        ([[0.2, 0.35, nan, nan], [0.2, 0.35, 0.65, nan]], 0.1, guessing),
        ([[0.2, 0.3, nan, nan], [0.2, 0.3, 0.46, nan]], 0.01, guessing),
    ):
        found = float(call(choose_rate, np.array(accuracy), rates))
        if found not in rates:
            raise Wrong(
                f"it returns {found:.3g}, which is none of the rates 0.001, 0.01, 0.1 and 1. Return a rate."
            )
        if found != expected:
            raise Wrong(
                f"for accuracies {accuracy} it chooses {found:g} instead of {expected:g}. {hint}"
            )


@exercise(
    "Straight up in the first tenth, half a cosine down in the rest: no step begins with a jolt."
)
def check_warm_up_cosine(warm_up_cosine):
    """From step, number of steps and peak to the learning rate of warm-up and cosine."""
    parts = {0: "in the warm-up", 0.05: "in the warm-up", 0.1: "at the peak"}
    for steps, peak in ((100, 1.0), (400, 0.02)):
        for place in (0, 0.05, 0.1, 0.32, 0.55, 0.77, 1):  # shares of all steps
            step, part = round(place * steps), parts.get(place, "on the way down")
            down = (1 + np.cos(np.pi * (place - 0.1) / 0.9)) / 2
            expected = peak * (place / 0.1 if place < 0.1 else down)
            found = float(call(warm_up_cosine, step, steps, peak))
            if not np.isclose(found, expected, atol=1e-9 * peak):
                raise Wrong(
                    f"at step {step} of {steps} ({part}) with peak {peak:g} it gives {found:.4g} "
                    f"instead of {expected:.4g}. How far through its own part is this step, from 0 to 1?"
                )
