"""What all checks share: what a check can say, how it calls an answer, and how it finds the fitting hint."""

import functools
import traceback
import types

import numpy as np
from .. import data


class Wrong(Exception):
    """The answer is wrong; the message is a hint."""


class _NotDoneYet(Exception):
    """The answer is the ... of the stub."""


def exercise(shown):
    """Turn a function that raises Wrong(hint) on a wrong answer into a check that prints the state of the exercise.

    What the function returns of a right answer, if anything, is printed below `shown`.
    """

    def decorate(find_mistakes):
        @functools.wraps(find_mistakes)
        def check(answer):
            try:
                parts = answer if isinstance(answer, tuple) else [answer]
                if any(part is ... for part in parts):
                    raise _NotDoneYet
                found = find_mistakes(answer)
            except _NotDoneYet:
                print("Not done yet: replace the ... in this cell, then run it again.")
            except Wrong as wrong:
                print(f"Not right yet: {wrong}")
            except Exception as error:
                where, kind = _line(answer, error), type(error).__name__
                print(f"Not right yet: your code stopped{where} with {kind}: {error}")
            else:
                print(f"Right. {shown}" + (f"\n{found}" if found else ""))

        return check

    return decorate


def _line(answer, error):
    """The line of the learner's cell that ran last before the error, as " in line 3", or "" if none did."""
    if not isinstance(answer, types.FunctionType):
        return ""
    cell = answer.__code__.co_filename
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if frame.filename == cell]
    return f" in line {lines[-1]}" if lines else ""


def call(function, *arguments):
    """function(*arguments), on copies, so that an answer cannot spoil what it is checked against."""
    result = function(*(np.copy(a) if isinstance(a, np.ndarray) else a for a in arguments))
    if result is ...:
        raise _NotDoneYet
    if result is None:
        raise Wrong("your function returns nothing (None). End it with return and the result.")
    return result


@functools.cache
def training_images(load, number, unseen=0):
    """The first training images of data.load_mnist or load_fashion_mnist, pixels from 0 to 1, and their labels.

    number, unseen: how many of x_train, and how many of x_validation, which come after them with their labels.
    Copies: the dataset itself is freed unless the notebook has it.
    """
    dataset = load(seed=0)
    arrays = [part[:number].copy() for part in (dataset.x_train, dataset.y_train)]
    if unseen:
        arrays += [part[:unseen].copy() for part in (dataset.x_validation, dataset.y_validation)]
    return arrays


def stored_images(name, number, part="train"):
    """The first images of a part of a dataset as they are stored, uint8 (number, 28, 28), and their labels.

    name: "mnist" or "fashion_mnist"; part: "train" or "test". Without the float copy of all images (220 MB).
    """
    with np.load(data.DATASETS_FOLDER / f"{name}.npz") as arrays:
        return arrays[f"x_{part}"][:number], arrays[f"y_{part}"][:number]


def require_network(answer):
    """Raise Wrong unless the answer is a Keras network."""
    import keras  # here, since notebook 00 needs no TensorFlow

    if not isinstance(answer, keras.Model):
        found = type(answer).__name__
        raise Wrong(f"your function returns a {found}. End it with return and the trained network.")


def require_shape(found, shape, given, hint):
    """Raise Wrong unless the array `found` has this shape; `given` says what the answer was called with."""
    if found.shape != shape:
        raise Wrong(f"{given} went in and shape {found.shape} came out. {hint}")


def hint_for(found, mistakes, otherwise, rtol=1e-5):
    """The hint of the first mistake, in {hint: wrong result}, that leads to what was found, or `otherwise`."""
    for hint, wrong in mistakes.items():
        if np.allclose(found, wrong, rtol=rtol):
            return hint
    return otherwise
