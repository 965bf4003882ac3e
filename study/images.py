"""The images that an experiment trains and is tested on."""

from helpers import data

import dataclasses
import functools

import numpy as np


@functools.lru_cache(maxsize=2)
def load(name, scale, split):
    loader = {"mnist": data.load_mnist, "fashion_mnist": data.load_fashion_mnist}[name]
    part = loader(scale, split)
    whole = {name: getattr(part, name) for name in ("y_train", "y_validation", "y_test")}
    whole = {name: y if y is None else y.astype(np.int32) for name, y in whole.items()}
    return dataclasses.replace(part, **whole)


def dataset(settings):
    """The Dataset of an experiment, with all its training images."""
    return load(
        settings["data"], settings["scale"], "stratified" if settings.get("validation") else "none"
    )


def first(settings):
    """The first so many training images (images, 28, 28) and their labels (images,)."""
    part = dataset(settings)
    return part.x_train[: settings["images"]], part.y_train[: settings["images"]]
