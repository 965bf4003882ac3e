"""Learning rates that an experiment takes from another one's results."""

from helpers import results

import numpy as np
from .results import StudyError


def resolve(experiment, experiments, folder=results.FOLDER):
    """The rates of an experiment as a list, or None for the optimizer's own; raises StudyError."""
    rates = experiment.settings.get("rates")
    if not isinstance(rates, dict):
        return rates
    grid = experiments[rates["of"]]
    try:
        table = results.load(grid.name, folder)
    except results.ResultsFileError as error:
        raise StudyError(f"{experiment.name} takes its rate from {grid.name}: {error}") from None
    if not set(grid.seeds) <= set(table.seed):
        raise StudyError(
            f"{experiment.name} takes its rate from {grid.name}, of which runs are missing: type "
            f"'python -m study run --only {grid.name}' first."
        )
    best = CHOICES[rates["choice"]](table, rates)
    return None if best is None else [best * times for times in rates["times"]]


def lowest(table, rates):
    """The rate with the lowest mean of a column after an epoch; the smaller one of equals."""
    means = table[table.epoch == rates["epoch"]].groupby("learning_rate")[rates["column"]].mean()
    return float(means.idxmin())


def highest(table, rates):
    means = table[table.epoch == rates["epoch"]].groupby("learning_rate")[rates["column"]].mean()
    return float(means.idxmax())


def rising(table, rates):
    """The smallest rate at which, on average, the loss rises in more than so many of the first 60 steps."""
    losses = full_losses(table)
    rises = (~(np.diff(losses, axis=1) <= 0)).sum(axis=1)  # to NaN or infinity is a rise, too
    first = table[table.epoch == 60]
    means = first.assign(rises=rises).groupby("learning_rate").rises.mean()
    above = means[means > rates["above"]]
    return float(above.index[0]) if len(above) else None


def full_losses(table):
    """The losses before and after each of the first 60 steps, (runs, 61)."""
    columns = [f"full_loss_{step}" for step in range(1, 61)]
    first, start = table[table.epoch == 60], table[table.epoch == 0]
    return np.column_stack([start.full_loss_60, first[columns]])


CHOICES = {"lowest": lowest, "highest": highest, "rising": rising}
