"""Reads what the study recorded: study/results, a compressed CSV per experiment.

study/README.md explains the columns. Only `python -m study run` writes these files.
"""

import functools
import pathlib
import zlib

import numpy as np
import pandas as pd

FOLDER = pathlib.Path(__file__).parents[1] / "study" / "results"
KEYS = ["seed", "learning_rate", "epoch"]
GUESSING = {"loss": 2.303, "accuracy": 0.1}  # of ten classes; natural logarithm
# Names in the table of training.fit_seeds and in what Keras' fit returns, and those of the study.
COLUMNS = {
    "loss": "training_loss",
    "accuracy": "training_accuracy",
    "val_loss": "test_loss",
    "val_accuracy": "test_accuracy",
}
LOSSES = ("training_loss", "validation_loss", "test_loss")


class ResultsFileError(RuntimeError):
    """A file of results is missing or damaged."""


def path_of(name, folder=FOLDER):
    return pathlib.Path(folder) / f"{name}.csv.gz"


def read(name, folder=FOLDER):
    """The rows of an experiment as recorded, a pandas.DataFrame; raises ResultsFileError."""
    path = path_of(name, folder)
    where = f"study/results/{path.name}"
    try:
        table = pd.read_csv(path, dtype={"settings": str})
        missing = [key for key in (*KEYS, "settings") if key not in table]
        if missing or not len(table):
            raise ValueError(f"it has no {', '.join(missing) or 'rows'}")
    except FileNotFoundError:
        raise ResultsFileError(
            f"{where} is missing: no run of {name} is recorded. Type 'python -m study run --only {name}'."
        ) from None
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise ResultsFileError(
            f"{where} is damaged ({error}). Restore it with 'git checkout -- {where}', or move it away and "
            f"type 'python -m study run --only {name}'."
        ) from None
    return table


def version(name, folder=FOLDER):
    """What changes when the file of an experiment does; None if there is none."""
    path = path_of(name, folder)
    return path.stat().st_mtime_ns if path.exists() else None


def load(name, folder=FOLDER):
    """The rows of an experiment as they are judged; raises ResultsFileError.

    A run whose loss is no finite number stays in: from that epoch on its losses are 2.303 and its
    accuracies 0.1, what guessing gets. The column `diverged` says from where.
    """
    return _load(name, folder, version(name, folder))


@functools.lru_cache
def _load(name, folder, version):
    table = read(name, folder).sort_values(KEYS, ignore_index=True)
    table = table.copy()  # in one piece: pandas warns of many
    losses = [loss for loss in LOSSES if loss in table]
    trained = table.epoch > 0
    finite = np.isfinite(table[losses]).all(axis=1) | ~trained
    table["diverged"] = (~finite).groupby([table.seed, table.learning_rate], dropna=False).cummax()
    for column in table.columns:
        ending = column.rpartition("_")[2]
        if ending in GUESSING and losses:
            was_there = table[column].notna() | (column in losses)
            table.loc[table.diverged & was_there, column] = GUESSING[ending]
    return table
