"""Notebook 17: settings that separate the spirals, and points that need an activation."""

import numbers

from .. import playground_networks
from .checking import Wrong, call, describe, exercise

STEPS, GOAL, SEEDS = 300, 0.95, (0, 1, 2)
MOST_POINTS = 12
STRAIGHT, BENT = 0.75, 1.0  # shares of right answers without and with an activation


@exercise("Your network has separated the spirals, with three different seeds.")
def check_spirals(settings):
    """A function without arguments that returns {setting: value}: what differs from the usual settings."""
    changes = call(settings)
    _require_settings(changes)
    chosen = playground_networks.USUAL | changes | {"data": "spirals"}
    cache, shares = {}, []
    for seed in SEEDS:
        pair = playground_networks.Pair(chosen, ("data", "spirals"), seed, cache=cache)
        pair.advance(STEPS)
        shares.append(pair.found["A"]["test right"])
    if min(shares) < GOAL:
        found = ", ".join(f"{share:.0%}" for share in shares)
        raise Wrong(
            f"after {STEPS} steps it gets {found} of the test points right, with three seeds; "
            f"{GOAL:.0%} are wanted. Play with these settings: is the loss still on its way down "
            "(steps too short), does it jump (too long), or is the border not bent enough?"
        )


@exercise("A straight border cannot do it, and a bent one can.")
def check_own_points(draw):
    """A function without arguments that returns at most twelve points [(x, y, class), ...]."""
    points = call(draw)
    _require_points(points)
    settings = playground_networks.USUAL | {"data": "own points", "activation": "none", "depth": 2}
    settings |= {"optimizer": "Adam", "learning rate": 0.01, "batch size": "all"}
    pair = playground_networks.Pair(settings, ("activation", "ReLU"), points=points)
    pair.advance(500)
    straight, bent = (pair.found[name]["right"] for name in "AB")
    if straight > STRAIGHT:
        raise Wrong(
            f"without an activation {straight:.0%} of your points are right; at most {STRAIGHT:.0%} "
            "are wanted. Find the straight line that has so many right. Which points would have to "
            "move, or to go, so that each line has a quarter of them wrong?"
        )
    if bent < BENT:
        raise Wrong(
            f"with ReLU {bent:.0%} of your points are right after 500 steps; all are wanted. "
            "Do two points of different classes share a place, or nearly?"
        )


def _require_settings(changes):
    """Raise Wrong unless `changes` is a dictionary of settings and values that the playground has."""
    if not isinstance(changes, dict):
        raise Wrong(
            f"your function returns {describe(changes)}. End it with return and a dictionary "
            'such as {"width": 32}.'
        )
    for name, value in changes.items():
        if name not in playground_networks.OPTIONS:
            known = ", ".join(playground_networks.OPTIONS)
            raise Wrong(
                f"your function returns {describe(changes)} with {describe(name)} as a setting. The "
                f"playground has {known}."
            )
        if value not in playground_networks.OPTIONS[name]:
            known = ", ".join(map(repr, playground_networks.OPTIONS[name]))
            raise Wrong(f"for {name} the playground has {known}, and not {describe(value)}.")


def _require_points(points):
    """Raise Wrong unless `points` is a list of at most twelve points of two classes in the square."""
    half = playground_networks.HALF
    if not isinstance(points, (list, tuple)) or not points:
        raise Wrong(
            f"your function returns {describe(points)}. End it with return and a list of points (x, "
            "y, class), such as [(0, 1, 0), (0.5, 0.5, 1)]."
        )
    if len(points) > MOST_POINTS:
        raise Wrong(f"these are {len(points)} points. Can you do it with {MOST_POINTS} or fewer?")
    for point in points:
        sound = isinstance(point, (list, tuple)) and len(point) == 3
        sound = sound and all(isinstance(one, numbers.Real) for one in point)
        if not (sound and point[2] in (0, 1) and all(abs(one) <= half for one in point[:2])):
            found = point if sound else describe(point)
            raise Wrong(
                f"your function returns {describe(points)}, and {found} in it is not a point of the "
                f"playground: give x and y between -{half} and {half}, and the class, 0 or 1."
            )
    if len({point[2] for point in points}) < 2:
        raise Wrong("all your points are of one class: then nothing has to be told apart.")
