"""What `python -m study` does."""

import contextlib
import io
import sys

import tqdm.std
from . import kinds, rates, results
from .experiments import EXPERIMENTS


def run(only=None, seeds=None):
    """Train what is missing, a batch of seeds at a time; returns 0, or 1 if runs are missing still."""
    chosen = select(only)
    if seeds is not None and seeds < 1:
        raise results.StudyError(f"--seeds is {seeds}: give a whole number from 1 on.")
    with results.only_process():
        return _run(chosen, seeds)


def select(only, experiments=EXPERIMENTS):
    """The experiments whose names begin with one of `only`, in the order of the study."""
    for name in only or []:
        if not any(one.startswith(name) for one in experiments):
            raise results.StudyError(
                f"no experiment's name begins with {name!r}: the names are {', '.join(experiments)}."
            )
    return [
        one
        for name, one in experiments.items()
        if only is None or any(name.startswith(start) for start in only)
    ]


def _run(chosen, seeds):
    missing = {one.name: _missing(one, seeds) for one in chosen}
    total = sum(kinds.price(one) * len(missing[one.name]) for one in chosen)
    style = "{desc} |{bar}| {percentage:3.0f} %, {remaining} left"
    with tqdm.std.tqdm(total=total, bar_format=style, file=sys.stdout) as bar:
        for one in chosen:
            todo = missing[one.name]
            for start in range(0, len(todo), one.together):
                batch = todo[start : start + one.together]
                bar.set_description_str(f"{one.name}, {one.runs - len(todo) + start} of {one.runs}")
                found = rates.resolve(one, EXPERIMENTS)
                price = kinds.price(one) * len(batch)
                with contextlib.redirect_stdout(io.StringIO()):
                    table = kinds.run(
                        one, batch, found, lambda part, price=price: bar.update(part * price)
                    )
                results.add(one, table)
    return 0


def _missing(experiment, seeds):
    table = results.recorded(experiment)
    there = set() if table is None else set(table.seed)
    return [seed for seed in experiment.seeds[:seeds] if seed not in there]
