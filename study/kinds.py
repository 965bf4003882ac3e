"""How an experiment of each kind is run: settings and seeds in, a table of what was recorded out."""

from helpers import results, training

import functools
import itertools
import time

import numpy as np
import pandas as pd
from . import clock, looks, networks, records, small
from .images import dataset, first


def run(experiment, seeds, rates, progress=lambda part: None):
    """Train an experiment from these seeds, each with all rates; returns a table, one row per seed,
    rate and epoch, with the columns that study/README.md explains.

    rates: a list of learning rates, or None for the optimizer's own. progress: called now and then
    with the part of the work, 0 to 1, that is done since the last call.
    """
    started = time.process_time()
    table = KINDS[experiment.kind](experiment.settings, list(seeds), rates, progress).copy()
    runs = len(table[["seed", "learning_rate"]].drop_duplicates())
    last = table.groupby(["seed", "learning_rate"], dropna=False).epoch.transform("max")
    seconds = (time.process_time() - started) / runs
    table["processor_seconds"] = np.where(table.epoch == last, seconds, np.nan)
    return table


def train(settings, seeds, rates, progress):
    """Kind "training": full trainings through fit_seeds, with looks at the networks between epochs."""
    part, (x, y) = dataset(settings), first(settings)
    held_out = (part.x_test, part.y_test)
    if settings["validation"]:
        held_out = (part.x_validation, part.y_validation)
    programs, looks = compiled(repr(settings))
    watch = Watch(settings, part, seeds, rates, progress, looks)
    runs = training.fit_seeds(
        lambda seed: networks.build(settings, seed),
        x,
        y,
        validation_data=held_out,
        seeds=seeds,
        learning_rate=rates,
        **networks.fit_options(settings),
        after_epoch=watch.after_epoch,
        after_steps=watch.after_steps if "early" in settings["also"] else None,
        programs=programs,
    )
    table = runs.table.rename(columns=results.COLUMNS)
    if settings["validation"]:
        table = table.rename(
            columns={"test_loss": "validation_loss", "test_accuracy": "validation_accuracy"}
        )
    table = watch.table().merge(table.drop(columns="seconds"), on=["copy", "epoch"], how="left")
    firsts = table.groupby("copy")[["seed", "learning_rate"]].transform("max")
    table[["seed", "learning_rate"]] = firsts  # epoch 0, before the training, has none yet
    return table.astype({"seed": int}).drop(columns="copy")


@functools.lru_cache(maxsize=1)
def compiled(settings):
    """Two dictionaries of what was compiled for an experiment with these settings: the programs of fit_seeds,
    and the looks by number of copies. They are kept from one batch of seeds to the next."""
    return {}, {}


class Watch:
    """Looks at the copies between the epochs of a training, and keeps what `also` asks for."""

    def __init__(self, settings, part, seeds, rates, progress, looks):
        self.settings, self.part, self.progress = settings, part, progress
        self.seeds = [seed for seed in seeds for _ in rates or [None]]
        self.dense = settings["hidden"] != "convolution"
        self.looks, self.rows, self.early = looks, [], {}

    def after_epoch(self, epoch, copies):
        settings, part = self.settings, self.part
        also, last = settings["also"], settings["epochs"]
        if len(copies) not in self.looks:
            kind = records.Dense if self.dense else records.Convolution
            self.looks[len(copies)] = kind(copies, networks.LOSSES[settings["loss"]])
        looks = self.looks[len(copies)]
        looks.take(copies)
        x, x_test = (self._flat(images) for images in (part.x_train, part.x_test))
        columns = {"copy": np.arange(len(copies)), "epoch": np.full(len(copies), epoch)}
        if "gradients" in also:
            first = slice(records.GRADIENT_IMAGES)
            columns |= looks.gradients(x[first], part.y_train[first])
        if "units" in also and epoch in (0, last):
            columns |= looks.units(x_test)
        if "dead" in also and settings["activation"] == "relu":
            columns |= {
                name.replace("dead", "dead_in_training"): values
                for name, values in looks.units(x, only_dead=True).items()
            }
        if settings["validation"]:
            columns["test_loss"], columns["test_accuracy"] = looks.scores(x_test, part.y_test)
        if epoch == last:
            first = slice(records.FINISHED_IMAGES)
            scores = looks.scores(x[first], part.y_train[first])
            columns["finished_loss"], columns["finished_accuracy"] = scores
            if "confusion" in also:
                columns |= looks.confusion(x_test, part.y_test)
            if "corrupted" in also:
                columns |= looks.corrupted(part.x_test, part.y_test, self.seeds)
        self.rows.append(pd.DataFrame(columns))
        if epoch:
            self.progress(1 / last)

    def after_steps(self, epoch, step, losses):
        if epoch == 1 and step % 50 == 0:
            self.early[step] = losses

    def table(self):
        table = pd.concat(self.rows, ignore_index=True)
        for step in range(100, 100 * (len(self.early) // 2) + 1, 100):
            block = (self.early[step - 50] + self.early[step]) / 2
            table.loc[table.epoch == 1, f"early_{step}"] = block
        return table

    def _flat(self, images):
        return images.reshape(len(images), -1) if self.dense else images


KINDS = {
    "training": train,
    "folds": looks.folds,
    "untrained": looks.untrained,
    "dead units": looks.dead_units,
    "steps": small.steps,
    "valley": small.valley,
    "sparse": small.sparse,
    "regression": small.regression,
    "operations": clock.operations,
    "wall time": clock.wall_time,
}


# About the processor seconds of one seed, where a formula would be more than the bar needs.
PRICES = {
    "folds": 40,
    "untrained": 0.5,
    "dead units": 3,
    "valley": 0.02,
    "sparse": 0.2,
    "regression": 0.3,
    "operations": 5,
    "wall time": 60,
}


def price(experiment):
    """About the processor seconds of one seed with all its rates, which the bar needs."""
    settings = experiment.settings
    rates = settings.get("rates")
    rates = rates["times"] if isinstance(rates, dict) else rates or [None]
    if experiment.kind == "steps":
        whole = settings["batch"] == settings["images"] or "full loss" in settings["also"]
        return len(rates) * settings["steps"] * (0.015 if whole else 0.003)
    if experiment.kind != "training":
        return len(rates) * PRICES[experiment.kind]
    images = settings["images"]
    if settings["hidden"] == "convolution":
        epoch = 8e-5 * images
    else:
        sizes = [784, *settings["hidden"], 10]
        weights = sum(a * b for a, b in itertools.pairwise(sizes))
        epoch = weights * (4.6e-9 * images / settings["batch"] + 8e-11 * images)
    return len(rates) * settings["epochs"] * epoch
