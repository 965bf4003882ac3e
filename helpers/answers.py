"""Answers to the seven questions of S3, a laboratory sheet that asks and ranks nothing: no verdicts."""

import functools

import numpy as np
import pandas as pd
from . import findings, measures, verdicts

PAIRS = [(a, o) for a in ("sigmoid", "tanh", "relu") for o in ("sgd", "adam")]
NAMES = {"relu": "ReLU", "sigmoid": "sigmoid", "tanh": "tanh", "sgd": "SGD", "adam": "Adam"}
LAYERS = (1, 2)


@functools.cache
def questions():
    """study/questions.csv, by the number of the question."""
    return pd.read_csv(findings.STUDY / "questions.csv").set_index("question")


def answer(question):
    """The answer to "S3.Q1", ..., "S3.Q7", a pandas.DataFrame.

    Its `attrs` hold the question, "text", and what is measured, "answered by". Means come with
    their 99 % interval over the seeds. Raises ValueError for another question, ResultsFileError or
    IncompleteError if runs are missing.
    """
    if question not in ANSWERS:
        raise ValueError(f"there is no question {question!r}: choose one of {', '.join(ANSWERS)}.")
    table = ANSWERS[question]()
    table.attrs["text"] = questions().text[question]
    table.attrs["answered by"] = questions().answered_by[question]
    return table


def best(activation, optimizer):
    """The fifty runs of a pair at its best learning rate."""
    return findings.table_of(f"S3-best-{activation}-{optimizer}")


def grid(activation, optimizer):
    """The runs of a pair at eight learning rates."""
    return findings.table_of(f"S3-grid-{activation}-{optimizer}")


def with_interval(values, digits=2):
    """ "0.51 [0.50, 0.52]" of one number per seed."""
    mean, low, high = findings.mean_and_interval(values)
    return f"{findings.number(mean, digits)} {findings.interval_text(low, high, digits)}"


def by_pair(row_of):
    """A table with one row per pair: what `row_of` says of an activation and an optimizer."""
    rows = {f"{NAMES[a]} with {NAMES[o]}": row_of(a, o) for a, o in PAIRS}
    return pd.DataFrame.from_dict(rows, orient="index")


def speed():
    """Q1: training loss by epoch, and when 85 % of the validation images are right."""

    def row(activation, optimizer):
        table = best(activation, optimizer)
        losses = measures.curve(table, "training_loss")
        accuracy = measures.curve(table, "validation_accuracy")
        shown = {
            f"training loss, epoch {epoch}": with_interval(losses[epoch], 3) for epoch in (1, 3, 10)
        }
        first = measures.first_at(accuracy, 85 - 1e-9)
        return {
            "learning rate": f"{table.learning_rate.iloc[0]:.4g}",
            **shown,
            "epochs to 85 %": with_interval(first),
            "never in 10 epochs": f"{100 * np.mean(first > accuracy.shape[1]):.0f} %",
        }

    table = by_pair(row)
    table["Adam ahead of SGD"] = ""
    for activation in ("sigmoid", "tanh", "relu"):
        sgd, adam = (
            measures.curve(best(activation, optimizer), "training_loss").mean(axis=1)
            for optimizer in ("sgd", "adam")
        )
        share = verdicts.readers(-adam, -sgd)
        text = f"in {100 * share:.0f} of 100 pairs of runs"
        table.loc[f"{NAMES[activation]} with Adam", "Adam ahead of SGD"] = text
    return table


def gradients():
    """Q2: rms of the gradients by layer and epoch, powers of ten lost, beside the speed of Q1."""

    def row(activation, optimizer):
        table = best(activation, optimizer)
        shown = {}
        for epoch in (0, 1, 10):
            for layer in LAYERS:
                values = table[table.epoch == epoch][f"gradient_{layer}"]
                shown[f"layer {layer}, epoch {epoch}"] = f"{values.mean():.1e}"
        at_end = measures.at_end(table)
        lost = np.log10(at_end.gradient_2 / at_end.gradient_1)
        return {
            **shown,
            "powers of ten lost, untrained": with_interval(measures.lost(table, "gradient")),
            "trained": with_interval(lost),
            "mean training loss": with_interval(
                measures.curve(table, "training_loss").mean(axis=1), 3
            ),
        }

    return by_pair(row)


def dead_units():
    """Q3: per cent of ReLU units that are off for all 54,000 training images, by rate and layer.

    Runs that diverged have no units to count and are left out.
    """
    rows = []
    for optimizer in ("sgd", "adam"):
        table = grid("relu", optimizer)
        for rate, runs in table.groupby("learning_rate"):
            row = {"optimizer": NAMES[optimizer], "learning rate": f"{rate:.4g}"}
            for epoch in (0, 1, 10):
                there = runs[(runs.epoch == epoch) & ~runs.diverged]
                for layer in LAYERS:
                    values = 100 * there[f"dead_in_training_{layer}"]
                    text = f"{values.mean():.1f}" if len(values) else "diverged"
                    row[f"layer {layer}, epoch {epoch} (%)"] = text
            rows.append(row)
    return pd.DataFrame(rows).set_index(["optimizer", "learning rate"])


def stability():
    """Q4: of the ten runs of each activation at each rate: how many diverged, and their falls."""
    rows = []
    for activation, optimizer in PAIRS:
        table = grid(activation, optimizer)
        for rate, runs in table.groupby("learning_rate"):
            accuracy = measures.curve(runs, "validation_accuracy")
            diverged = runs.groupby("seed").diverged.any()
            rows.append(
                {
                    "pair": f"{NAMES[activation]} with {NAMES[optimizer]}",
                    "learning rate": f"{rate:.4g}",
                    "diverged": f"{int(diverged.sum())} of {len(diverged)}",
                    "falls of validation accuracy": with_interval(measures.falls(accuracy)),
                }
            )
    return pd.DataFrame(rows).set_index(["pair", "learning rate"])


def accuracy_by_rate():
    """Q5: validation accuracy after epoch 10 at each rate, and how wide the good rates are."""

    def row(activation, optimizer):
        means = measures.means_by_rate(grid(activation, optimizer), "validation_accuracy")
        final = measures.final(best(activation, optimizer), "validation_accuracy")
        shown = {f"rate {place + 1}": f"{mean:.1f}" for place, mean in enumerate(means)}
        return {
            "rates": f"{means.index.min():.4g} to {means.index.max():.4g}",
            **shown,
            "good rates span": f"{measures.span_of_good(means):.1f} powers of ten",
            "best rate, fresh seeds": with_interval(final),
        }

    return by_pair(row)


def best_epoch():
    """Q6: best validation accuracy and its epoch, the test accuracy there, and the final gap."""

    def row(activation, optimizer):
        table = best(activation, optimizer)
        accuracy = measures.curve(table, "validation_accuracy")
        tests = measures.curve(table, "test_accuracy")
        epochs = accuracy.idxmax(axis=1)
        there = pd.Series({seed: tests.loc[seed, epoch] for seed, epoch in epochs.items()})
        gap = measures.spread(table, "training_accuracy", "validation_accuracy")
        return {
            "best validation accuracy": with_interval(accuracy.max(axis=1)),
            "in epoch": with_interval(epochs.astype(float), 1),
            "test accuracy there": with_interval(there),
            "training minus validation accuracy, epoch 10": with_interval(gap),
        }

    return by_pair(row)


def seconds():
    """Q7: wall seconds of an epoch of one network alone, with Keras' own fit."""
    table = findings.table_of("S3-time")

    def row(activation, optimizer):
        return {"seconds an epoch": with_interval(table[f"seconds_{activation}_{optimizer}"])}

    return by_pair(row)


ANSWERS = {
    "S3.Q1": speed,
    "S3.Q2": gradients,
    "S3.Q3": dead_units,
    "S3.Q4": stability,
    "S3.Q5": accuracy_by_rate,
    "S3.Q6": best_epoch,
    "S3.Q7": seconds,
}
