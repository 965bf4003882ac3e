"""Learning rates that an experiment takes from another one's results."""

from helpers import measures, results

from .results import StudyError


class GridError(StudyError):
    """The runs that choose a rate are not there."""


def resolve(experiment, experiments, folder=results.FOLDER):
    """The rates of an experiment as a list, or None for the optimizer's own; raises GridError."""
    rates = experiment.settings.get("rates")
    if not isinstance(rates, dict):
        return rates
    grid = experiments[rates["of"]]
    try:
        table = results.load(grid.name, folder)
    except results.ResultsFileError as error:
        raise GridError(f"it takes its rate from {grid.name}: {error}") from None
    if not set(grid.seeds) <= set(table.seed):
        raise GridError(
            f"it takes its rate from {grid.name}, of which runs are missing: type "
            f"'python -m study run --only {grid.name}' first."
        )
    best = CHOICES[rates["choice"]](table, rates)
    return None if best is None else [best * times for times in rates["times"]]


def lowest(table, rates):
    """The rate with the lowest mean of a column after an epoch; the smaller one of equals."""
    return float(means(table, rates).idxmin())


def highest(table, rates):
    return float(means(table, rates).idxmax())


def means(table, rates):
    after = table[table.epoch == rates["epoch"]]
    return after.groupby("learning_rate")[rates["column"]].mean()


def rising(table, rates):
    """The smallest rate at which, on average, the loss rises in more than so many of the first 60 steps."""
    for rate, runs in table.groupby("learning_rate"):
        if measures.MEASURES["rises"](runs).mean() > rates["above"]:
            return float(rate)
    return None


CHOICES = {"lowest": lowest, "highest": highest, "rising": rising}
